"""What a bot declares about itself, and the settings an owner fills in.

Pure: pydantic and the standard library, nothing else of `catalog`. The store page, the settings form, the API, the
review and the SDK all read this one description. Start at `load` and `Manifest`.
"""

from catalog.manifest.fields import FIELD_TYPES, Choice, Field
from catalog.manifest.findings import Finding, ManifestError
from catalog.manifest.load import load
from catalog.manifest.model import PERMISSIONS, Manifest
from catalog.manifest.values import Problem
from catalog.manifest.words import LANGUAGES, Localised

__all__ = [
    "FIELD_TYPES",
    "LANGUAGES",
    "PERMISSIONS",
    "Choice",
    "Field",
    "Finding",
    "Localised",
    "Manifest",
    "ManifestError",
    "Problem",
    "load",
]
