"""Rules for what people type that only the store has."""

from wtforms import Field


def said(field: Field) -> str:
    """What stands in a field of text, or of a choice."""
    return str(field.data or "")
