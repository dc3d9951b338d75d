"""Interactive messages: buttons, lists, links, flows and their limits (Meta: Interactive messages)."""

from collections.abc import Callable

from botruntime.emulator.records import Json
from botruntime.emulator.schema_values import listed, obj, optional_text, text, unique, wrong

BODY_LIMIT = 1024
LIST_BODY_LIMIT = 4096  # the documentation says 4096, the published schema 1024: accept the wider
HEADERS = {"text": 60, "image": 0, "video": 0, "document": 0}
TEXT_HEADERS_ONLY = frozenset({"list", "product_list"})
BODYLESS = frozenset({"product", "carousel"})
MediaCheck = Callable[[Json, str], None]


def check_interactive(inner: Json, check_media: MediaCheck) -> None:
    """Refuse what Meta refuses; unknown interactive types are 131009."""
    kind = text(inner, "type", "interactive.type")
    if kind not in _ACTIONS:
        raise wrong(f"interactive.type must be one of {', '.join(sorted(_ACTIONS))}")
    if kind not in BODYLESS or "body" in inner:
        limit = LIST_BODY_LIMIT if kind == "list" else BODY_LIMIT
        text(obj(inner, "body", "interactive.body"), "text", "interactive.body.text", limit)
    if inner.get("footer") is not None:
        text(obj(inner, "footer", "interactive.footer"), "text", "interactive.footer.text", 60)
    if inner.get("header") is not None:
        _header(obj(inner, "header", "interactive.header"), kind, check_media)
    _ACTIONS[kind](obj(inner, "action", "interactive.action"))


def _header(header: Json, kind: str, check_media: MediaCheck) -> None:
    form = text(header, "type", "interactive.header.type")
    if form not in HEADERS or (kind in TEXT_HEADERS_ONLY and form != "text"):
        raise wrong(f"interactive.header.type '{form}' is not allowed for {kind}")
    if form == "text":
        text(header, "text", "interactive.header.text", HEADERS["text"])
    else:
        check_media(obj(header, form, f"interactive.header.{form}"), f"interactive.header.{form}")


def _buttons(action: Json) -> None:
    ids, titles = [], []
    for index, button in enumerate(listed(action, "buttons", "interactive.action.buttons", 1, 3)):
        path = f"interactive.action.buttons[{index}]"
        if not isinstance(button, dict) or button.get("type") != "reply":
            raise wrong(f"{path}.type must be reply")
        reply = obj(button, "reply", f"{path}.reply")
        ids.append(text(reply, "id", f"{path}.reply.id", 256))
        titles.append(text(reply, "title", f"{path}.reply.title", 20))
        if ids[-1] != ids[-1].strip():
            raise wrong(f"{path}.reply.id must not begin or end with a space")
    unique(ids, "button ids")
    unique(titles, "button titles")


def _list(action: Json) -> None:
    text(action, "button", "interactive.action.button", 20)
    sections = listed(action, "sections", "interactive.action.sections", 1, 10)
    ids = []
    for index, section in enumerate(sections):
        path = f"interactive.action.sections[{index}]"
        if not isinstance(section, dict):
            raise wrong(f"{path} must be an object")
        if len(sections) > 1:
            text(section, "title", f"{path}.title", 24)
        optional_text(section, "title", f"{path}.title", 24)
        for place, row in enumerate(listed(section, "rows", f"{path}.rows", 1, 10)):
            ids.append(text(row, "id", f"{path}.rows[{place}].id", 200))
            text(row, "title", f"{path}.rows[{place}].title", 24)
            optional_text(row, "description", f"{path}.rows[{place}].description", 72)
    if len(ids) > 10:
        raise wrong(f"a list has at most 10 rows in all sections together, got {len(ids)}")
    unique(ids, "row ids")


def _link(action: Json) -> None:
    _named(action, "cta_url")
    parameters = obj(action, "parameters", "interactive.action.parameters")
    text(parameters, "display_text", "interactive.action.parameters.display_text", 20)
    address = text(parameters, "url", "interactive.action.parameters.url")
    if not address.startswith(("https://", "http://")):
        raise wrong("interactive.action.parameters.url must be an http or https address")


def _flow(action: Json) -> None:
    _named(action, "flow")
    parameters = obj(action, "parameters", "interactive.action.parameters")
    if ("flow_id" in parameters) == ("flow_name" in parameters):
        raise wrong("a flow needs exactly one of flow_id and flow_name")
    text(parameters, "flow_cta", "interactive.action.parameters.flow_cta", 30)
    if parameters.get("flow_action", "navigate") not in {"navigate", "data_exchange"}:
        raise wrong("flow_action must be navigate or data_exchange")
    if parameters.get("mode", "published") not in {"draft", "published"}:
        raise wrong("mode must be draft or published")


def _named(action: Json, name: str) -> None:
    if text(action, "name", "interactive.action.name") != name:
        raise wrong(f"interactive.action.name must be {name}")


def _location(action: Json) -> None:
    _named(action, "send_location")


def _contact(action: Json) -> None:
    _named(action, "request_contact_info")


def _product(action: Json) -> None:
    text(action, "catalog_id", "interactive.action.catalog_id")
    text(action, "product_retailer_id", "interactive.action.product_retailer_id")


def _products(action: Json) -> None:
    text(action, "catalog_id", "interactive.action.catalog_id")
    listed(action, "sections", "interactive.action.sections", 1, 10)


def _carousel(action: Json) -> None:
    listed(action, "cards", "interactive.action.cards", 2, 10)


def _any_named(action: Json) -> None:
    text(action, "name", "interactive.action.name")


_ACTIONS: dict[str, Callable[[Json], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "flow": _flow,
    "location_request_message": _location,
    "contact_request": _contact,
    "product": _product,
    "product_list": _products,
    "carousel": _carousel,
    "catalog_message": _any_named,
    "call_permission_request": _any_named,
    "voice_call": _any_named,
    "address_message": _any_named,
    "order_details": _any_named,
    "order_status": _any_named,
}
