"""The author's guide knows every field, type, permission, decorator and method."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from botruntime.sdk import Bot, Ctx
from botruntime.sdk.simulator import Step
from botruntime.sdk.views import TableView
from catalog.manifest import FIELD_TYPES, PERMISSIONS, Field, Manifest
from catalog.manifest.model import Collection, Policy, Template

DOCS = Path(__file__).parents[2] / "docs" / "bots"


def words(name: str) -> set[str]:
    """Everything written as code on a page, in pieces; examples do not count."""
    page = re.sub(r"```.*?```", "", (DOCS / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page))))


@pytest.mark.parametrize("model", [Manifest, Field, Template, Collection, Policy], ids=lambda model: model.__name__)
def test_every_field_of_the_manifest_is_documented(model: type[Manifest]) -> None:
    assert set(model.model_fields) - words("manifest.md") == set()


def test_every_type_and_permission_is_documented() -> None:
    assert {*FIELD_TYPES, *PERMISSIONS} - words("manifest.md") == set()


@pytest.mark.parametrize("kind", [Bot, Ctx, TableView], ids=lambda kind: kind.__name__)
def test_every_public_method_is_documented(kind: type) -> None:
    public = {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}
    internal = {"sim", "choose_language"}
    assert public - internal - words("sdk.md") == set()


def test_every_word_of_a_conversation_is_documented() -> None:
    named = {field.name for field in fields(Step)}
    assert named - words("README.md") == set()
