"""Message templates (Meta: Template management): create, list, edit, delete; approved after a minute."""

import re
from itertools import pairwise

from botruntime.emulator import acts
from botruntime.emulator.errors import GraphError, invalid
from botruntime.emulator.graph import Call, choose, edge, page
from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Json, Template, Timer
from botruntime.emulator.templates import VARIABLE, find

REVIEW_SECONDS = 60.0
LIMIT = 250
CATEGORIES = frozenset({"MARKETING", "UTILITY", "AUTHENTICATION"})
TEXT_LIMITS = {"HEADER": (60, 2388047), "BODY": (1024, 2388072), "FOOTER": (60, 2388073)}
EDITABLE = frozenset({"APPROVED", "REJECTED", "PAUSED"})
BUTTON_LIMITS = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
DEFAULT_FIELDS = ("name", "status", "category", "language", "components", "parameter_format", "id")


def node(row: Template) -> Json:
    """Every field of a template Graph can show."""
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "category": row.category,
        "language": row.language,
        "components": row.components,
        "parameter_format": row.parameter_format,
        "rejected_reason": row.reason if row.status == "REJECTED" else "NONE",
        "quality_score": {"score": "UNKNOWN", "date": int(row.at)},
        "previous_category": None,
    }


@edge("waba", "message_templates", "POST")
def create(call: Call) -> Json:
    """A new template, to be reviewed."""
    given, waba = call.params, call.node
    name, language = str(given.get("name", "")), str(given.get("language", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        raise invalid("Param name must have 1 to 512 characters of a-z, 0-9 and underscore")
    if not language or given.get("category") not in CATEGORIES:
        raise invalid(f"Params language and category (one of {', '.join(sorted(CATEGORIES))}) are required")
    if find(call.world, waba, name, language):
        raise GraphError(100, message="Content in this language already exists", subcode=2388024)
    if sum(1 for row in call.world.templates if row.waba_id == waba.id) >= LIMIT:
        raise GraphError(100, message="Message template limit reached", subcode=2388019)
    components = check_components(given.get("components"))
    row = Template(call.world.new_id("template"), waba.id, name, language, str(given["category"]), components)
    row.parameter_format = str(given.get("parameter_format", "POSITIONAL")).upper()
    submit(call, row)
    return {"id": row.id, "status": row.status, "category": row.category}


@edge("waba", "message_templates", "GET")
def index(call: Call) -> Json:
    """The templates of an account, narrowed by ``status``, ``name``, ``language`` or ``category``."""
    rows = [row for row in call.world.templates if row.waba_id == call.node.id]
    for key in ("status", "name", "language", "category"):
        if call.params.get(key):
            rows = [row for row in rows if getattr(row, key) == str(call.params[key])]
    return page(call, [choose(call, "WhatsAppMessageTemplate", node(row), DEFAULT_FIELDS) for row in rows])


@edge("waba", "message_templates", "DELETE")
def destroy(call: Call) -> Json:
    """All languages of a name, or one template by ``hsm_id`` too."""
    name, one = call.params.get("name"), call.params.get("hsm_id")
    rows = [row for row in call.world.templates if row.waba_id == call.node.id and row.name == name]
    rows = [row for row in rows if not one or row.id == str(one)]
    if not rows:
        raise GraphError(100, message="Message template not found", subcode=2593002)
    for row in rows:
        call.world.templates.remove(row.id)
    call.world.tell("state")
    return {"success": True}


@edge("template", "", "GET")
def show(call: Call) -> Json:
    """One template."""
    return choose(call, "WhatsAppMessageTemplate", node(call.node), DEFAULT_FIELDS)


@edge("template", "", "POST")
def update(call: Call) -> Json:
    """Other components; the template is reviewed again."""
    if call.node.status not in EDITABLE:
        raise invalid(f"A template can be edited while it is one of {', '.join(sorted(EDITABLE))}")
    call.node.components = check_components(call.params.get("components"))
    submit(call, call.node)
    return {"success": True}


@edge("template", "", "DELETE")
def remove(call: Call) -> Json:
    """One template."""
    call.world.templates.remove(call.node.id)
    call.world.tell("state")
    return {"success": True}


def submit(call: Call, row: Template) -> None:
    """Wait for the review, which here takes a minute and ends well unless the control API was there first."""
    row.status, row.reason, row.at = "PENDING", "NONE", call.world.now()
    call.world.templates.put(row)
    call.world.timers.set(row.at + REVIEW_SECONDS, "review", id=row.id)
    call.world.tell("state")


def review_with(platform: Platform) -> None:
    """Let reviews that fell due end."""

    def reviewed(timer: Timer) -> None:
        row = platform.world.templates.get(timer.data["id"])
        if row is not None and row.status == "PENDING":
            acts.judge(platform, row, "approve", None)

    platform.world.timers.on("review", reviewed)


def check_components(components: object) -> list[Json]:
    """The components if Meta would take them; else code 100 with the subcode of the reason."""
    rows = [row for row in components if isinstance(row, dict)] if isinstance(components, list) else []
    bodies = [row for row in rows if str(row.get("type")).upper() == "BODY"]
    if len(bodies) != 1 or len(rows) != len(components if isinstance(components, list) else []):
        raise invalid("Param components must be a list of objects with exactly one BODY")
    for row in rows:
        kind = str(row.get("type", "")).upper()
        longest, subcode = TEXT_LIMITS.get(kind, (0, 0))
        if longest and len(str(row.get("text", ""))) > longest:
            raise GraphError(100, message=f"{kind} may have at most {longest} characters", subcode=subcode)
        if kind == "BUTTONS":
            check_buttons(row.get("buttons"))
    check_variables(str(bodies[0].get("text", "")), bodies[0])
    return rows


def check_buttons(buttons: object) -> None:
    """At most ten, each kind within its number, labels of at most 25 characters."""
    rows = buttons if isinstance(buttons, list) else []
    if not 1 <= len(rows) <= 10:
        raise invalid("buttons must be a list of 1 to 10 items")
    for kind, most in BUTTON_LIMITS.items():
        if sum(1 for row in rows if str(row.get("type", "")).upper() == kind) > most:
            raise invalid(f"at most {most} buttons of type {kind}")
    if any(len(str(row.get("text", ""))) > 25 for row in rows):
        raise invalid("a button label may have at most 25 characters")


def check_variables(text: str, body: Json) -> None:
    """Variables stand neither first nor last, never side by side, and come with examples."""
    if not text.strip():
        raise invalid("the text of BODY is required")
    stripped = text.strip()
    found = list(VARIABLE.finditer(stripped))
    if not found:
        return
    side_by_side = any(not stripped[one.end() : two.start()].strip() for one, two in pairwise(found))
    if found[0].start() == 0 or found[-1].end() == len(stripped) or side_by_side:
        raise GraphError(100, message="Variables can't be at the start or end of the template", subcode=2388299)
    if len(stripped.split()) < 2 * len({match[1] for match in found}) + 1:
        raise GraphError(100, message="There are too many variables for the length of the text", subcode=2388293)
    if not body.get("example"):
        raise invalid("BODY has variables and needs an example")
