"""Graph: one id space, one dispatch, errors in Meta's shape (Meta: Graph API overview)."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, request

from botruntime.emulator import tokens
from botruntime.emulator.delivery import handshake
from botruntime.emulator.errors import GraphError, invalid, missing_object
from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Json
from botruntime.emulator.world import World

VERSIONS = frozenset(f"v{number}.0" for number in range(21, 27))
APP_LIMITS = (4, 80007)  # these refuse every call, not only sends
graph = Blueprint("graph", __name__)


@graph.errorhandler(500)
def broken(_error: Exception) -> Response:
    """A mistake of the emulator itself still looks like Graph; the log has the rest."""
    return Response(json.dumps(GraphError(131000).body()), 500, content_type="application/json; charset=UTF-8")


@dataclass
class Call:
    """One request to a node or edge."""

    platform: Platform
    method: str
    node_id: str
    params: Json
    access: tokens.Access
    node: Any = None
    files: Json = field(default_factory=dict)
    handshake_ok: bool | None = None

    @property
    def world(self) -> World:
        """The world the call is about."""
        return self.platform.world


Handler = Callable[[Call], Json]
EDGES: dict[tuple[str, str, str], Handler] = {}


def edge(kind: str, name: str, *methods: str) -> Callable[[Handler], Handler]:
    """Register a handler for ``/{id}/name`` (name empty: the node itself)."""

    def register(handler: Handler) -> Handler:
        for method in methods:
            EDGES[kind, name, method] = handler
        return handler

    return register


@graph.route('/<regex("v\\d+\\.\\d+"):version>/<path:path>', methods=["GET", "POST", "DELETE"])
def serve(version: str, path: str) -> Response:
    """Answer one Graph call, keep it in the log, never answer in HTML."""
    platform: Platform = current_app.extensions["platform"]
    given: Json = {}
    status, body, headers = 200, {}, {}
    try:
        if version not in VERSIONS:
            raise GraphError(
                2635, message=f"(#2635) You are calling a version of the API that does not exist: {version}"
            )
        given = read_params()
        body = answer(platform, path.strip("/"), given)
        if isinstance(drop := body.pop("__drop", None), int | float):
            headers["x-emulator-drop"] = str(float(drop))
    except GraphError as refused:
        platform.world.journal.commit()
        status, body = refused.status, refused.body()
    log(platform, path, version, given, status, body)
    response = Response(json.dumps(body), status, headers, content_type="application/json; charset=UTF-8")
    response.headers["facebook-api-version"] = version
    response.headers["x-fb-trace-id"] = secrets.token_urlsafe(8)
    usage = {path.split("/")[0]: [{"type": "messaging", "call_count": 1, "total_cputime": 1, "total_time": 1}]}
    response.headers["X-Business-Use-Case-Usage"] = json.dumps(usage)
    return response


def answer(platform: Platform, path: str, given: Json) -> Json:
    """The body for one path; raises GraphError."""
    world = platform.world
    if path == "oauth/access_token":
        with world.unit():
            return tokens.exchange(world, given)
    proof = given.pop("appsecret_proof", None)
    with world.unit():
        access = tokens.authenticate(world, bearer(given), proof)
        if access.grant is not None and world.faults.peek("throttle") in APP_LIMITS:
            raise GraphError(int(world.faults.take("throttle") or 4))
    if path == "debug_token":
        with world.unit():
            return {"data": tokens.inspect(world, str(given.get("input_token", "")))}
    node_id, _, name = path.partition("/")
    call = Call(platform, request.method, node_id, given, access, files=dict(request.files))
    url, verify = wished_callback(given)
    if url:
        call.handshake_ok = handshake(url, verify)
    with world.unit():
        kind, call.node = find_node(world, node_id, access)
        check_access(call, kind)
        handler = EDGES.get((kind, name, request.method))
        if handler is None and name and not any(known[:2] == (kind, name) for known in EDGES):
            raise GraphError(2500, message=f"Unknown path components: /{name}", status=400)
        if handler is None:
            raise missing_object(node_id, request.method)
        return handler(call)


def read_params() -> Json:
    """Query, form and JSON alike; a form value that looks like JSON is read as such."""
    given: Json = dict(request.args.items())
    for key, value in request.form.items():
        given[key] = value
        if value[:1] in {"{", "["}:
            try:
                given[key] = json.loads(value)
            except ValueError:
                given[key] = value
    if request.is_json and request.get_data():
        try:
            body = json.loads(request.get_data())
        except (ValueError, RecursionError):
            raise invalid("The request body is not valid JSON") from None
        if not isinstance(body, dict):
            raise invalid("The request body must be a JSON object")
        given.update(body)
    return given


def bearer(given: Json) -> str:
    """The token of the Authorization header, else the ``access_token`` parameter."""
    header = request.headers.get("Authorization", "")
    found = given.pop("access_token", "")
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "oauth"} and token else str(found)


def wished_callback(given: Json) -> tuple[str, str]:
    """A callback the call wants set, which must pass the handshake first."""
    inner = given.get("webhook_configuration")
    source = inner if isinstance(inner, dict) else given
    url = source.get("override_callback_uri") or source.get("callback_url") or ""
    return str(url), str(source.get("verify_token", ""))


def find_node(world: World, node_id: str, access: tokens.Access) -> tuple[str, Any]:
    """What an id names; code 100 subcode 33 when it names nothing."""
    if node_id == world.settings.app_id or (node_id == "app" and access.grant is None):
        return "app", world.settings
    if node_id == "me" and access.grant:
        return "system_user", access.grant
    tables: dict[str, Any] = {
        "number": world.numbers,
        "waba": world.wabas,
        "portfolio": world.portfolios,
        "template": world.templates,
        "media": world.media,
    }
    for kind, table in tables.items():
        found = table.get(node_id)
        if found is not None and not (kind == "number" and found.deleted_at):
            return kind, found
    raise missing_object(node_id, request.method)


def check_access(call: Call, kind: str) -> None:
    """Code 200, HTTP 403, when the token's grant does not reach the node; 10 for calls that are the app's alone."""
    world, grant, node = call.world, call.access.grant, call.node
    if kind in {"app", "system_user"}:
        return
    if kind == "portfolio":
        if grant is not None and grant.id != node.id:
            raise GraphError(200)
        return
    if kind == "media":
        number = world.numbers.get(node.number_id)
        waba_id = number.waba_id if number else ""
    else:
        waba_id = node.id if kind == "waba" else node.waba_id
    if grant is None or waba_id not in grant.waba_ids:
        raise GraphError(200)


def choose(call: Call, node_type: str, full: Json, default: tuple[str, ...]) -> Json:
    """The fields asked for (``fields=a,b{c}``), else the default ones; ``id`` always. Unknown ones are code 100."""
    flat = re.sub(r"\{[^}]*\}|\.[a-z_]+\([^)]*\)", "", str(call.params.get("fields", "")))
    asked = [name for name in flat.split(",") if name]
    for name in asked:
        if name.strip() not in full:
            raise invalid(f"Tried accessing nonexisting field ({name.strip()}) on node type ({node_type})")
    wanted = [name.strip() for name in asked] or list(default)
    return {name: full[name] for name in [*wanted, "id"] if full.get(name) is not None}


def page(call: Call, rows: list[Json]) -> Json:
    """One page of a list with cursors; a cursor nobody gave is 131059."""
    asked = str(call.params.get("limit", 25))
    limit = max(1, min(int(asked), 1000)) if asked.isdigit() else 25
    start = 0
    if call.params.get("after"):
        ids = [str(row["id"]) for row in rows]
        if str(call.params["after"]) not in ids:
            raise GraphError(131059, "Invalid cursor", message="(#131059) Invalid paging cursor")
        start = ids.index(str(call.params["after"])) + 1
    part = rows[start : start + limit]
    if not part:
        return {"data": []}
    cursors = {"before": str(part[0]["id"]), "after": str(part[-1]["id"])}
    return {"data": part, "paging": {"cursors": cursors}}


def log(platform: Platform, path: str, version: str, given: Json, status: int, body: Json) -> None:
    """Remember a call for tests; of secrets only the first characters."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")[:8]
    hidden = {"client_secret", "access_token", "input_token", "code"}
    shown = {key: (str(value)[:8] if key in hidden else value) for key, value in given.items()}
    kept = {key: (str(value)[:8] if key == "access_token" else value) for key, value in body.items()}
    platform.requests.append(
        {
            "at": platform.world.now(),
            "method": request.method,
            "path": f"/{version}/{path}",
            "query": request.query_string.decode()[:500],
            "body": shown,
            "status": status,
            "response": kept,
            "token": token,
        }
    )
