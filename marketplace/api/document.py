"""The OpenAPI document and the check of what comes in, from one description of each route."""

from typing import Any

from flask import abort
from pydantic import ValidationError
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from catalog.web import errors
from catalog.web.language import t
from marketplace.api.schemas import Problem


def _refuse(_request: Any, _response: Any, error: Exception | None, *_rest: Any) -> None:
    """Turn a failed check into the house's shape of a refusal: every field named."""
    if isinstance(error, ValidationError):
        fields = {".".join(map(str, one["loc"])) or "body": one["msg"] for one in error.errors(include_url=False)}
        abort(errors.show(422, sentence=t("errors.invalid"), fields=fields))


spec = SpecTree(
    "flask",
    title="Pasarbot API",
    version="v1",
    # Only what is described here; the pages are for people.
    mode="strict",
    annotations=True,
    before=_refuse,
    validation_error_status=422,
    validation_error_model=Problem,
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description="A personal token."),
        )
    ],
    security={"token": []},
)
