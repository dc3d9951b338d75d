"""Media endpoints (Meta: Media): upload, address, download, delete."""

from flask import Response, current_app, request

from botruntime.emulator import files, tokens
from botruntime.emulator.errors import GraphError, invalid, missing_object
from botruntime.emulator.graph import Call, bearer, edge, graph
from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Json

KILO, MEGA = 1024, 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
LIMITS = {
    "image/jpeg": 5 * MEGA,
    "image/png": 5 * MEGA,
    "image/webp": 500 * KILO,
    "video/mp4": 16 * MEGA,
    "video/3gpp": 16 * MEGA,
    "audio/aac": 16 * MEGA,
    "audio/amr": 16 * MEGA,
    "audio/mpeg": 16 * MEGA,
    "audio/mp4": 16 * MEGA,
    "audio/ogg": 16 * MEGA,
    "text/plain": 100 * MEGA,
    "application/pdf": 100 * MEGA,
    "application/msword": 100 * MEGA,
    "application/vnd.ms-excel": 100 * MEGA,
    "application/vnd.ms-powerpoint": 100 * MEGA,
    f"{OFFICE}.wordprocessingml.document": 100 * MEGA,
    f"{OFFICE}.spreadsheetml.sheet": 100 * MEGA,
    f"{OFFICE}.presentationml.presentation": 100 * MEGA,
}


@edge("number", "media", "POST")
def upload(call: Call) -> Json:
    """Keep a file for 30 days."""
    if call.params.get("messaging_product") != "whatsapp":
        raise invalid("The parameter messaging_product is required.")
    part = call.files.get("file")
    if part is None:
        raise invalid("The parameter file is required.")
    mime_type = str(call.params.get("type") or part.mimetype).lower()
    limit = LIMITS.get(mime_type.split(";")[0].strip())
    if limit is None:
        raise invalid(
            f"Param file must be a file with one of the following types: {', '.join(LIMITS)}. Got '{mime_type}'."
        )
    raw = part.read()
    if not raw or len(raw) > limit:
        raise GraphError(131053, f"The file has {len(raw)} bytes; {mime_type} may have 1 to {limit}.")
    return {"id": files.keep(call.world, call.node, raw, mime_type, files.UPLOAD_SECONDS, part.filename).id}


@edge("media", "", "GET")
def show(call: Call) -> Json:
    """A download address for five minutes."""
    check(call)
    media = call.node
    return {
        "messaging_product": "whatsapp",
        "url": files.attachment_url(call.world, media),
        "mime_type": media.mime_type,
        "sha256": media.sha256,
        "file_size": str(media.size),
        "id": media.id,
    }


@edge("media", "", "DELETE")
def destroy(call: Call) -> Json:
    """Delete the file."""
    check(call)
    files.remove(call.world, call.node)
    return {"success": True}


def check(call: Call) -> None:
    """The id still lives, and belongs to ``phone_number_id`` where one is given."""
    wished = call.params.get("phone_number_id")
    if call.node.until <= call.world.now() or (wished and str(wished) != call.node.number_id):
        raise missing_object(call.node.id, call.method)


@graph.get("/media-download/<name>")
def download(name: str) -> Response:
    """The bytes, with the same bearer token; 404 when the address is over."""
    platform: Platform = current_app.extensions["platform"]
    world = platform.world
    with world.unit():
        media = files.by_signature(world, name)
        number = world.numbers.get(media.number_id) if media else None
        if media is None or number is None:
            return Response("Not Found", 404, content_type="text/plain")
        try:
            access = tokens.authenticate(world, bearer(dict(request.args)))
        except GraphError:
            return Response("Unauthorized", 401, content_type="text/plain")
        if access.grant is None or number.waba_id not in access.grant.waba_ids:
            return Response("Not Found", 404, content_type="text/plain")
        raw = files.read(world, media)
    return Response(raw or b"", content_type=media.mime_type) if raw else Response("Not Found", 404)
