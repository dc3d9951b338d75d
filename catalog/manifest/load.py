"""Reads a `manifest.toml` and says everything that is wrong with it at once."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.manifest.findings import Finding, ManifestError
from catalog.manifest.model import Manifest

MAX_BYTES = 256 * 1024
_RULES = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "literal_error": "not_allowed",
    "string_pattern_mismatch": "bad_form",
    "too_long": "too_many",
    "too_short": "too_few",
}
_HOUSE = {
    "bad_key", "bad_version", "field_incomplete", "table_in_table", "bounds_crossed", "reserved_word", "ice_breakers",
    "template_variables", "template_length", "template_edges", "button_length", "words_length", "twice",
    "permission_missing", "unknown_group",
}  # fmt: skip
RULES = frozenset(_RULES.values()) | _HOUSE | {"not_readable", "too_big", "not_toml", "wrong_value", "bad_default"}
"""Every rule a finding of this module may name."""


def load(source: Path | bytes | str) -> Manifest:
    """The manifest in a file (Path) or its text. Raises ManifestError with all findings."""
    manifest = parse(_tables(_read(source)))
    findings = _default_findings(manifest)
    if findings:
        raise ManifestError(findings)
    return manifest


def parse(tables: dict[str, Any]) -> Manifest:
    """The manifest in already decoded tables (as kept in `version.manifest`). Raises ManifestError."""
    try:
        return Manifest.model_validate(tables)
    except ValidationError as error:
        raise ManifestError([_finding(dict(detail)) for detail in error.errors(include_url=False)]) from error


def _read(source: Path | bytes | str) -> bytes:
    if isinstance(source, Path):
        try:
            data = source.read_bytes()
        except OSError as error:
            raise ManifestError([Finding("not_readable", source.name, error.strerror or "")]) from error
    else:
        data = source.encode() if isinstance(source, str) else source
    if len(data) > MAX_BYTES:
        raise ManifestError([Finding("too_big", "manifest.toml", f"{len(data)} bytes", {"max": MAX_BYTES})])
    return data


def _tables(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError([Finding("not_toml", "manifest.toml", str(error)[:200])]) from error


def _finding(detail: dict[str, Any]) -> Finding:
    kind = str(detail["type"])
    rule = kind if kind in _HOUSE else _RULES.get(kind, "wrong_value")
    context = {key: value for key, value in (detail.get("ctx") or {}).items() if isinstance(value, str | int | float)}
    where = ".".join(str(step) for step in detail["loc"]) or "manifest.toml"
    evidence = context.get("value") or ("" if rule == "field_missing" else repr(detail.get("input"))[:120])
    return Finding(rule, where, str(evidence), {"says": detail["msg"], **context})


def _default_findings(manifest: Manifest) -> list[Finding]:
    """Defaults obey the fields' own rules; a required field without default is the owner's to fill."""
    found: dict[str, Finding] = {}
    for language in manifest.languages:
        _, problems = manifest.validate_settings({}, language)
        for path, problem in problems.items():
            if problem.code != "required" or "." in path:
                found[path] = Finding("bad_default", f"settings.{path}", problem.code, dict(problem.params))
    return list(found.values())
