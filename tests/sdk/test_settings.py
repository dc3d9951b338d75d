"""Settings an owner fills in: every type, every way to be wrong, and what stays untouched."""

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botruntime import bots
from catalog import texts
from catalog.manifest import FIELD_TYPES, Field, Manifest, Problem, load, values
from tests.sdk.making import MANIFEST

LABEL = {"id": "A", "en": "A"}


def form(**field: Any) -> Manifest:
    """A manifest with one settings field `a`."""
    built = Field.model_validate({"key": "a", "label": LABEL, **field})
    return load(MANIFEST).model_copy(update={"settings": (built,)})


def verdict(value: Any, **field: Any) -> Any:
    """The clean value, or the problem's code."""
    clean, problems = form(**field).validate_settings({"a": value})
    return problems["a"].code if problems else clean["a"]


CHOICES = [{"value": "x", "label": LABEL}, {"value": "y", "label": LABEL}]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ({"type": "string"}, "  halo ", "halo"),
        ({"type": "string"}, "a\nb", "one_line"),
        ({"type": "string", "max": 3}, "abcd", "too_long"),
        ({"type": "string", "min": 3}, "ab", "too_short"),
        ({"type": "string", "required": True}, "  ", "required"),
        ({"type": "string"}, 5, "not_text"),
        ({"type": "string"}, "a\x00b", "bad_characters"),
        ({"type": "text"}, "a\ud800", "bad_characters"),
        ({"type": "text"}, "a\r\nb", "a\nb"),
        ({"type": "text", "forbid": "identity"}, "Nomor KTP?", "identity_number"),
        ({"type": "text", "forbid": "identity"}, "Nomor rekening", "identity_number"),
        ({"type": "text", "forbid": "identity"}, "Pin bunga?", "identity_number"),
        ({"type": "text", "forbid": "identity"}, "Bawa ketupat?", "Bawa ketupat?"),
        ({"type": "int"}, "12", 12),
        ({"type": "int"}, 12.0, 12),
        ({"type": "int"}, "1,5", "not_whole"),
        ({"type": "int"}, True, "not_whole"),
        ({"type": "int", "min": 3}, 2, "too_small"),
        ({"type": "int", "max": 3}, "4", "too_big"),
        ({"type": "number"}, "0,5", 0.5),
        ({"type": "number"}, float("nan"), "not_number"),
        ({"type": "number"}, "x", "not_number"),
        ({"type": "money"}, "350rb", 350_000),
        ({"type": "money"}, -1, "not_money"),
        ({"type": "money"}, "x", "not_money"),
        ({"type": "bool"}, "on", True),
        ({"type": "bool"}, "", False),
        ({"type": "bool"}, "maybe", "not_bool"),
        ({"type": "choice", "choices": CHOICES}, "x", "x"),
        ({"type": "choice", "choices": CHOICES}, "z", "not_a_choice"),
        ({"type": "multichoice", "choices": CHOICES}, ["y", "x"], ["x", "y"]),
        ({"type": "multichoice", "choices": CHOICES}, "y", ["y"]),
        ({"type": "multichoice", "choices": CHOICES}, ["z"], "not_a_choice"),
        ({"type": "multichoice", "choices": CHOICES, "max": 1}, ["x", "y"], "too_many"),
        ({"type": "weekly_hours"}, "Sen 8-17", {"mon": [["08:00", "17:00"]]}),
        ({"type": "weekly_hours"}, {"mon": [["8:00", "17.00"]]}, {"mon": [["08:00", "17:00"]]}),
        ({"type": "weekly_hours"}, {"mon": [["17:00", "08:00"]]}, "not_hours"),
        ({"type": "weekly_hours"}, {"noday": [["08:00", "17:00"]]}, "not_hours"),
        ({"type": "weekly_hours"}, {"mon": "08:00"}, "not_hours"),
        ({"type": "weekly_hours"}, 5, "not_hours"),
        ({"type": "zone"}, "Asia/Makassar", "Asia/Makassar"),
        ({"type": "zone"}, "Europe/Berlin", "not_a_choice"),
        ({"type": "staff"}, "a@example.com, b@example.com", ["a@example.com", "b@example.com"]),
        ({"type": "staff"}, ["nobody"], "not_staff"),
        ({"type": "staff", "min": 1, "required": True}, [], "required"),
        ({"type": "email"}, "a@Example.com", "a@example.com"),
        ({"type": "email"}, "a@", "not_email"),
        ({"type": "phone"}, "0812 3456 7890", "+6281234567890"),
        ({"type": "phone"}, "12", "not_phone"),
        ({"type": "url"}, "https://example.com/a.pdf", "https://example.com/a.pdf"),
        ({"type": "url"}, "http://example.com", "not_url"),
        ({"type": "url"}, "javascript:alert(1)", "not_url"),
        ({"type": "image"}, "https://example.com/a.png", "https://example.com/a.png"),
        ({"type": "date"}, "2026-11-23", "2026-11-23"),
        ({"type": "date"}, "23/13", "not_date"),
        ({"type": "time"}, "8.30", "08:30"),
        ({"type": "time"}, "25", "not_time"),
    ],
)
def test_a_value_becomes_clean_or_says_what_is_wrong(field: dict[str, Any], value: Any, found: Any) -> None:
    assert verdict(value, **field) == found


def table(**more: Any) -> Manifest:
    """A manifest with a table of a title and a price."""
    columns = [
        {"key": "judul", "type": "string", "label": LABEL, "required": True, "max": 5},
        {"key": "harga", "type": "money", "label": LABEL},
    ]
    return form(type="table", columns=columns, **more)


def test_a_table_names_row_and_column_of_each_problem() -> None:
    rows = [{"judul": "Kopi", "harga": "5rb"}, {"judul": "Tehbotol", "harga": "x"}, {"harga": 1}, "row"]
    _, problems = table().validate_settings({"a": rows})
    assert {path: problem.code for path, problem in problems.items()} == {
        "a.1.judul": "too_long",
        "a.1.harga": "not_money",
        "a.2.judul": "required",
        "a.3": "not_a_row",
    }


def test_a_table_is_bounded_and_refuses_twins() -> None:
    _, problems = table(max=1).validate_settings({"a": [{"judul": "A"}, {"judul": "B"}]})
    assert problems == {"a": Problem("too_many", {"max": 1, "count": 2})}
    _, problems = table(unique="judul").validate_settings({"a": [{"judul": "Kopi"}, {"judul": "kopi"}]})
    assert problems == {"a.1.judul": Problem("twice", {"row": 1})}
    _, problems = table().validate_settings({"a": [{"judul": "A", "diskon": 1}]})
    assert problems == {"a.0.diskon": Problem("unknown_field")}


def test_an_absent_key_takes_its_default_and_an_empty_one_stays_empty() -> None:
    manifest = form(type="string", default="Halo")
    assert manifest.validate_settings({}) == ({"a": "Halo"}, {})
    assert manifest.validate_settings({"a": ""}) == ({"a": ""}, {})


def test_defaults_follow_the_owners_language() -> None:
    manifest = form(type="string", defaults={"id": "Halo", "en": "Hello"})
    assert manifest.defaults("en") == {"a": "Hello"}
    assert manifest.validate_settings({}, "id")[0] == {"a": "Halo"}


def test_a_good_field_is_kept_beside_a_bad_one() -> None:
    good = Field.model_validate({"key": "b", "type": "int", "label": LABEL})
    manifest = form(type="int")
    both = manifest.model_copy(update={"settings": (*manifest.settings, good)})
    clean, problems = both.validate_settings({"a": "x", "b": "7", "c": 1})
    assert clean == {"b": 7}
    assert set(problems) == {"a", "c"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(FIELD_TYPES), json_values)
def test_no_value_breaks_the_validation(kind: str, value: Any) -> None:
    field: dict[str, Any] = {"type": kind}
    if kind in ("choice", "multichoice"):
        field["choices"] = CHOICES
    if kind == "table":
        field["columns"] = [{"key": "x", "type": "string", "label": LABEL}]
    clean, problems = form(**field).validate_settings({"a": value})
    assert ("a" in clean) != bool(problems)


@given(st.dictionaries(st.sampled_from(["faq", "tim", "jam_staf", "sla_menit", "form_prospek", "x"]), json_values))
def test_what_validation_accepts_it_accepts_again(settings: dict[str, Any]) -> None:
    manifest = bots.load("tanya").manifest
    clean, problems = manifest.validate_settings(settings)
    if not problems:
        assert manifest.validate_settings(clean) == (clean, {})


def test_every_problem_has_its_sentence_in_both_languages() -> None:
    tree = ast.parse(Path(values.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    codes = {
        argument.value
        for call in calls
        if call.func.id in ("Wrong", "Problem", "_one")  # type: ignore[attr-defined]
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert len(codes) > 20
    missing = [
        code for code in codes for language in ("id", "en") if not texts.has(language, f"manifest.settings.{code}")
    ]
    assert not missing
