"""Styles, scripts and pictures: named by the hash of their content, compressed once, cached for a year."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, abort, current_app, request

from catalog.web.access import access, public

IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\(([a-z]+)\);\n')
FOREVER = "public, max-age=31536000, immutable"
COMPRESSIBLE = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/json", "text/plain"})
EXTENSION = "catalog.web.assets"
# Some systems' mime tables lack these or name them otherwise.
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    mimetype: str

    @cached_property
    def compressed(self) -> bytes | None:
        """The gzipped body where that is shorter."""
        packed = gzip.compress(self.body, 9, mtime=0) if self.mimetype in COMPRESSIBLE else self.body
        return packed if len(packed) < len(self.body) else None


class Assets:
    """All files under ``static/``, read at start. Names come from this index only, so no path can leave it."""

    def __init__(self, root: Path) -> None:
        self.files = {
            str(path.relative_to(root)): Asset(inline(path), type_of(path))
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }
        content = hashlib.sha256()
        for name, asset in self.files.items():
            content.update(name.encode() + b"\0" + asset.body + b"\0")
        self.version = content.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Address of a file. Raises ``KeyError`` for a name that does not exist: a page must not ask for it."""
        if name not in self.files:
            raise KeyError(f"no static file {name!r}")
        return f"/static/{self.version}/{name}"


def type_of(path: Path) -> str:
    """The media type by the file's ending."""
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def inline(path: Path) -> bytes:
    """The file; a style sheet with its imports in place, each in its layer."""
    if path.suffix != ".css":
        return path.read_bytes()

    def content(found: re.Match[str]) -> str:
        inner = (path.parent / found[1]).read_text(encoding="utf-8")
        return f"@layer {found[2]} {{\n{inner}}}\n"

    return IMPORT.sub(content, path.read_text(encoding="utf-8")).encode()


def init(app: Flask) -> None:
    """Serve ``static/`` of the repository in place of Flask's own static route."""
    assets = Assets(Path(app.root_path) / "static")
    app.extensions[EXTENSION] = assets
    app.jinja_env.globals["static_url"] = assets.url
    if "static" not in app.view_functions:
        app.add_url_rule("/static/<path:filename>", "static", serve)
    app.view_functions["static"] = serve


@access(public)
def serve(filename: str) -> Response:
    """A file under its version; an old version's address gets today's file, but is not kept."""
    assets: Assets = current_app.extensions[EXTENSION]
    version, _, name = filename.partition("/")
    asset = assets.files.get(name)
    if asset is None:
        abort(404)
    packed = asset.compressed if request.accept_encodings["gzip"] > 0 else None
    response = Response(packed or asset.body, mimetype=asset.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOREVER if version == assets.version else "no-cache"
    # A picture opened by itself runs nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
