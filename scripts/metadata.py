"""The metadata of all packages together; migrations are the one place that needs to see every table."""

from sqlalchemy import MetaData

import botruntime.models  # noqa: F401 - imported for its tables
import catalog.models  # noqa: F401 - likewise
from catalog.db import Base


def complete_metadata() -> MetaData:
    """Every table of the product."""
    return Base.metadata
