"""Refusals of the rules. Each carries the key of its sentence in the catalogues, never the sentence itself."""

from typing import Any


class Refused(Exception):
    """A rule said no.

    ``key`` names the sentence in the text catalogues (``errors.number_taken``), ``params`` fill it.
    Web faces show it with status 409 unless a subclass says otherwise.
    """

    status = 409

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class NotFound(Refused):
    """The thing does not exist, or the asker may not know that it does."""

    status = 404

    def __init__(self, key: str = "errors.not_found", **params: Any) -> None:
        super().__init__(key, **params)


class Forbidden(Refused):
    """The asker is known here but the role is too weak."""

    status = 403

    def __init__(self, key: str = "errors.forbidden", **params: Any) -> None:
        super().__init__(key, **params)


class Invalid(Refused):
    """Input breaks a rule. ``fields`` maps a field's name to (key, params) of its sentence."""

    status = 422

    def __init__(self, fields: dict[str, tuple[str, dict[str, Any]]], key: str = "errors.invalid") -> None:
        super().__init__(key)
        self.fields = fields
