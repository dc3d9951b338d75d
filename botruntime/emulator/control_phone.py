"""Control: what a person does on the phone, and what the phone shows."""

import base64
import binascii

from flask import Response, request

from botruntime.emulator import chat, files
from botruntime.emulator.control import Refusal, body, control, need, number, person, platform, unit
from botruntime.emulator.receiving import Refused
from botruntime.emulator.records import Json

KINDS = ("image", "audio", "video", "document", "sticker")


@control.errorhandler(Refused)
def refused(error: Refused) -> tuple[Json, int]:
    """The phone cannot do that."""
    return {"error": str(error)}, 400


def message_of(given: Json) -> tuple[Json, str | None]:
    """The body of an inbound message and the wamid it asks for."""
    if "message" in given:
        message = dict(need(given, "message", dict))
        kind = need(message, "type")
        if kind not in message:
            raise Refusal(400, f"'message' of type {kind} needs the object '{kind}'")
        wamid = message.pop("id", None)
        for key in ("timestamp", "from", "from_user_id"):
            message.pop(key, None)
        return message, wamid
    text = need(given, "text")
    if not 0 < len(text) <= 4096:
        raise Refusal(400, "'text' must have 1 to 4096 characters")
    return extras(given) | {"type": "text", "text": {"body": text}}, None


def extras(given: Json) -> Json:
    """Context and referral of a message."""
    found: Json = {}
    if given.get("reply_to"):
        quoted = platform().world.messages.get(given["reply_to"])
        if quoted is None:
            raise Refusal(404, "'reply_to' names no message")
        there, me = number(given), platform().world.people.find(str(given["user"]))
        author = there.digits if quoted.direction == "out" else (me.phone if me and me.phone_visible else "")
        found["context"] = {**({"from": author} if author else {}), "id": quoted.id}
    if given.get("forwarded"):
        found["context"] = {"forwarded": True}
    if given.get("referral"):
        found["referral"] = need(given, "referral", dict)
    return found


@control.post("/say")
@unit
def say() -> Json:
    """A message from a person."""
    given = body()
    there = number(given)
    message, wamid = message_of(given)
    return {"wamid": platform().receiving.receive(there, person(given, there), message, wamid).id}


@control.post("/media")
@unit
def media() -> Json:
    """A file from a person."""
    given = body()
    there, kind = number(given), need(given, "kind")
    if kind not in KINDS:
        raise Refusal(400, f"'kind' must be one of {', '.join(KINDS)}")
    try:
        raw = base64.b64decode(need(given, "data"), validate=True)
    except binascii.Error:
        raise Refusal(400, "'data' must be base64") from None
    kept = files.keep(
        platform().world, there, raw, need(given, "mime_type"), files.INBOUND_SECONDS, given.get("filename")
    )
    inner: Json = {"id": kept.id, "mime_type": kept.mime_type, "sha256": kept.sha256}
    inner["url"] = files.attachment_url(platform().world, kept)
    for key in ("caption", "filename"):
        if given.get(key):
            inner[key] = need(given, key)
    if kind == "audio":
        inner["voice"] = bool(given.get("voice"))
    if kind == "sticker":
        inner["animated"] = False
    message = extras(given) | {"type": kind, kind: inner}
    return {"wamid": platform().receiving.receive(there, person(given, there), message).id, "media_id": kept.id}


@control.get("/media/<media_id>")
def media_bytes(media_id: str) -> Response:
    """The bytes of a file, for the phone."""
    with platform().world.unit():
        found = platform().world.media.get(media_id)
        raw = files.read(platform().world, found) if found else None
    if found is None or raw is None:
        raise Refusal(404, f"there is no file {media_id}")
    response = Response(raw, content_type=found.mime_type)
    response.headers["Content-Disposition"] = (
        "inline" if found.mime_type.split("/")[0] in {"image", "audio", "video"} else "attachment"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@control.post("/tap")
@unit
def tap() -> Json:
    """A pressed button, row or form."""
    given = body()
    there, response = number(given), given.get("response")
    if response is not None and not isinstance(response, dict):
        raise Refusal(400, "'response' must be an object")
    pressed = str(given.get("id", ""))
    if response is None and not pressed:
        raise Refusal(400, "'id' is required")
    return {"wamid": platform().receiving.tap(there, person(given), need(given, "wamid"), pressed, response).id}


@control.post("/react")
@unit
def react() -> Json:
    """A reaction, or none."""
    given = body()
    return {
        "wamid": platform().receiving.react(number(given), person(given), need(given, "wamid"), need(given, "emoji")).id
    }


@control.post("/edit")
@unit
def edit() -> Json:
    """Other words for a message."""
    given = body()
    return {
        "wamid": platform().receiving.edit(number(given), person(given), need(given, "wamid"), need(given, "text")).id
    }


@control.post("/revoke")
@unit
def revoke() -> Json:
    """A message taken back."""
    given = body()
    return {"wamid": platform().receiving.revoke(number(given), person(given), need(given, "wamid")).id}


@control.post("/echo")
@unit
def echo() -> Json:
    """The owner types in the app."""
    given = body()
    there = number(given)
    message, _ = message_of(given)
    return {"wamid": platform().receiving.echo(there, person(given, there), message).id}


@control.post("/read")
@unit
def read() -> Json:
    """The person looked at the chat."""
    given = body()
    there, who = number(given), person(given)
    return {"read": platform().statuses.seen(f"{there.id}:{who.id}")}


@control.get("/chat")
@unit
def show_chat() -> Json:
    """One chat, oldest first."""
    world = platform().world
    given: Json = dict(request.args.items())
    there, found = number(given), world.people.find(str(given.get("user", "")))
    if found is None:
        return {"messages": [], "typing_until": None, "window_closes_at": None}
    thread = world.chats.get(f"{there.id}:{found.id}")
    entries = [chat.entry(world.messages[wamid]) for wamid in world.threads.get(f"{there.id}:{found.id}", [])]
    limit = int(given["limit"]) if str(given.get("limit", "")).isdigit() else 0
    until = world.typing.get(f"{there.id}:{found.id}", 0.0)
    closes = thread.last_in_at + chat.WINDOW_SECONDS if thread and thread.last_in_at else None
    return {
        "messages": entries[-limit:],
        "typing_until": until if until > world.now() else None,
        "window_closes_at": closes,
    }


@control.get("/chats")
@unit
def chats() -> Json:
    """The list of chats, newest first."""
    world = platform().world
    wanted = {"number": request.args.get("number"), "user": request.args.get("user")}
    if wanted["user"]:
        wanted["user"] = person({"user": wanted["user"]}).id
    rows = [chat.summary(world, row) for row in world.chats]
    rows = [row for row in rows if row["last"] and all(not value or row[key] == value for key, value in wanted.items())]
    return {"chats": sorted(rows, key=lambda row: row["last"]["timestamp_ms"], reverse=True)}
