"""What a manifest may say, and what is said about one that is wrong."""

import re
from pathlib import Path

import pytest

from botruntime.sdk import check, loading
from botruntime.sdk import texts as sdk_texts
from catalog import texts
from catalog.manifest import ManifestError, load
from catalog.manifest.load import RULES
from tests.sdk.making import MANIFEST


def findings(source: str) -> list[tuple[str, str]]:
    """(rule, where) of everything wrong with `source`."""
    with pytest.raises(ManifestError) as refusal:
        load(source)
    return [(finding.rule, finding.where) for finding in refusal.value.findings]


def test_a_manifest_is_read_from_text_bytes_and_file(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(MANIFEST, encoding="utf-8")
    assert load(MANIFEST) == load(MANIFEST.encode()) == load(path)
    assert load(MANIFEST).name.text("en") == "Sample"


def test_a_manifest_survives_the_database() -> None:
    from catalog.manifest.load import parse

    manifest = load(MANIFEST)
    assert parse(manifest.model_dump(mode="json")) == manifest


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        ('id = "contoh"', 'id = "Contoh!"', "bad_form", "id"),
        ('version = "1.0.0"', 'version = "1.0"', "bad_version", "version"),
        ('version = "1.0.0"', "", "field_missing", "version"),
        ('category = "jasa"', 'category = "jasa"\nkategory = "x"', "field_unknown", "kategory"),
        ('name = { id = "Contoh", en = "Sample" }', 'name = { id = "Contoh" }', "field_missing", "name.en"),
        ('name = { id = "Contoh",', 'name = { id = "",', "words_length", "manifest.toml"),
        ('category = "jasa"', 'category = "jasa"\nhosting = "cloud"', "not_allowed", "hosting"),
        ('category = "jasa"', 'category = "jasa"\npermissions = ["everything"]', "not_allowed", "permissions.0"),
        ('category = "jasa"', 'category = "jasa"\ntags = ["a", "b", "c", "d"]', "too_many", "tags"),
        ("messages = 2", "messages = 0", "wrong_value", "budget.messages"),
        ('category = "jasa"', 'category = "jasa"\nentry = { keywords = ["STOP"] }', "reserved_word", "entry"),
        ('category = "jasa"', f'category = "jasa"\nentry.ice_breakers.id = ["{"x" * 81}"]', "ice_breakers", "entry"),
        (
            "[[data.coll",
            '[[templates]]\nname = "a"\nbody = { id = "Halo", en = "Hi" }\n[[data.coll',
            "permission_missing",
            "manifest.toml",
        ),
    ],
)
def test_each_mistake_is_named_with_its_place(old: str, new: str, rule: str, where: str) -> None:
    assert (rule, where) in findings(MANIFEST.replace(old, new, 1))


@pytest.mark.parametrize(
    ("body", "examples", "rule"),
    [
        ("{{1}} halo", '["a"]', "template_edges"),
        ("halo {{1}}", '["a"]', "template_edges"),
        ("halo {{1}}!", '["a"]', "template_edges"),
        ("halo {{1}} ya", "[]", "template_variables"),
        ("halo {{2}} ya", '["a"]', "template_variables"),
        ("", "[]", "template_length"),
    ],
)
def test_a_message_template_meta_would_refuse_is_refused(body: str, examples: str, rule: str) -> None:
    template = f'\n[[templates]]\nname = "a"\nbody = {{ id = "{body}", en = "{body}" }}\nexamples = {examples}\n'
    source = MANIFEST.replace('category = "jasa"', 'category = "jasa"\npermissions = ["send_template"]', 1) + template
    assert (rule, "templates.0") in findings(source)


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ('type = "int"\nmin = 5\nmax = 1', "bounds_crossed"),
        ('type = "choice"', "field_incomplete"),
        ('type = "table"', "field_incomplete"),
        ('type = "int"\ngroup = "nowhere"', "unknown_group"),
        ('type = "int"\nmax = 5\ndefault = 9', "bad_default"),
        ('type = "magic"', "not_allowed"),
    ],
)
def test_a_settings_field_that_cannot_work_is_refused(field: str, rule: str) -> None:
    source = f'{MANIFEST}\n[[settings]]\nkey = "a"\nlabel = {{ id = "A", en = "A" }}\n{field}\n'
    assert rule in [found for found, _ in findings(source)]


def test_everything_wrong_is_said_at_once() -> None:
    broken = MANIFEST.replace('version = "1.0.0"', 'version = "one"').replace("messages = 2", "messages = -1")
    assert len(findings(broken)) == 2


@pytest.mark.parametrize("source", [b"\xff\xfe", b"id = ", b"a" * 300_000, b"x = " + b"[" * 5000])
def test_poison_is_a_finding_not_a_crash(source: bytes) -> None:
    with pytest.raises(ManifestError):
        load(source)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as refusal:
        load(tmp_path / "manifest.toml")
    assert refusal.value.findings[0].rule == "not_readable"


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_rule_has_its_sentences(language: str) -> None:
    named = set(RULES)
    for module in (check, loading, sdk_texts):
        source = Path(module.__file__).read_text(encoding="utf-8")
        named |= set(re.findall(r'Finding\(\s*"(\w+)"', source))
    missing = [
        f"{rule}.{part}"
        for rule in sorted(named)
        for part in ("what", "fix")
        if not texts.has(language, f"manifest.rules.{rule}.{part}")
    ]
    assert not missing
