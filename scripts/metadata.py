"""The metadata of all three packages together; migrations are the one place that needs to see every table."""

import importlib
import importlib.util

from sqlalchemy import MetaData

from catalog.db import Base

PACKAGES = ("catalog.models", "marketplace.models", "botruntime.models")


def complete_metadata() -> MetaData:
    """Every table of the product. A package without tables of its own has no ``models``."""
    for name in PACKAGES:
        parent = name.partition(".")[0]
        if importlib.util.find_spec(parent) and importlib.util.find_spec(name):
            importlib.import_module(name)
    return Base.metadata
