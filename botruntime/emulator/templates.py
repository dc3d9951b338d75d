"""Message templates: may this one be sent, and what does the person then see."""

import re

from botruntime.emulator.errors import GraphError
from botruntime.emulator.records import Json, Person, Template, Waba
from botruntime.emulator.world import World

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def find(world: World, waba: Waba, name: str, language: str) -> Template | None:
    """The template of a WABA in one language."""
    return next(
        (row for row in world.templates if row.waba_id == waba.id and (row.name, row.language) == (name, language)),
        None,
    )


def check(world: World, waba: Waba, sent: Json, person: Person | None) -> Template:
    """The template a send names, or the refusal: 132001, 132015, 132016, 131050, 131062 or 132000."""
    template = find(world, waba, sent["name"], sent["language"]["code"])
    if template is not None and template.status == "PAUSED":
        raise GraphError(132015)
    if template is not None and template.status == "DISABLED":
        raise GraphError(132016)
    if template is None or template.status != "APPROVED":
        details = f"template name ({sent['name']}) does not exist in {sent['language']['code']}"
        raise GraphError(132001, details)
    if template.category == "MARKETING" and person is not None and person.opted_out:
        raise GraphError(131050)
    _check_count(template, sent)
    return template


def render(template: Template, sent: Json) -> Json:
    """What the phone shows: ``header``, ``body``, ``footer``, ``buttons``."""
    rendered: Json = {"header": None, "body": "", "footer": "", "buttons": []}
    for part in template.components:
        kind = str(part.get("type", "")).upper()
        given = _parameters(sent, kind.lower())
        if kind == "HEADER" and part.get("format", "TEXT").upper() == "TEXT":
            rendered["header"] = _fill(part.get("text", ""), given)
        elif kind == "HEADER" and given:
            medium = given[0].get(given[0].get("type", ""), {})
            rendered["header"] = {"type": given[0].get("type"), **(medium if isinstance(medium, dict) else {})}
        elif kind == "BODY":
            rendered["body"] = _fill(part.get("text", ""), given)
        elif kind == "FOOTER":
            rendered["footer"] = part.get("text", "")
        elif kind == "BUTTONS":
            rendered["buttons"] = [_button(button, place, sent) for place, button in enumerate(part["buttons"])]
    return rendered


def _check_count(template: Template, sent: Json) -> None:
    for part in template.components:
        kind = str(part.get("type", "")).upper()
        if kind not in {"BODY", "HEADER"} or "text" not in part:
            continue
        wanted = len(set(VARIABLE.findall(part["text"])))
        given = len(_parameters(sent, kind.lower()))
        if wanted != given:
            numbers = f"number of localizable_params ({given}) does not match the expected number of params ({wanted})"
            raise GraphError(132000, f"{kind.lower()}: {numbers}")


def _parameters(sent: Json, kind: str) -> list[Json]:
    for part in sent.get("components") or []:
        if str(part.get("type", "")).lower() == kind:
            return [row for row in part.get("parameters", []) if isinstance(row, dict)]
    return []


def _fill(words: str, given: list[Json]) -> str:
    named = {row["parameter_name"]: _shown(row) for row in given if "parameter_name" in row}
    placed = {str(place): _shown(row) for place, row in enumerate(given, 1)}
    return VARIABLE.sub(lambda found: (named or placed).get(found[1], found[0]), words)


def _shown(parameter: Json) -> str:
    kind = parameter.get("type", "text")
    inner = parameter.get(kind, "")
    return str(inner.get("fallback_value", "")) if isinstance(inner, dict) else str(inner)


def _button(button: Json, place: int, sent: Json) -> Json:
    kind = str(button.get("type", "")).upper()
    shown: Json = {"type": kind.lower(), "text": button.get("text", "")}
    given: list[Json] = []
    for part in sent.get("components") or []:
        if str(part.get("type", "")).lower() == "button" and str(part.get("index", "0")) == str(place):
            given = part.get("parameters", [])
    if kind == "QUICK_REPLY":
        shown["id"] = given[0].get("payload", button.get("text")) if given else button.get("text", "")
    elif kind == "URL":
        shown["url"] = _fill(button.get("url", ""), given)
    elif kind == "PHONE_NUMBER":
        shown["url"] = "tel:" + str(button.get("phone_number", ""))
    else:
        shown["id"] = str(place)
    return shown
