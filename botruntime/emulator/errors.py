"""Meta's errors: codes, HTTP statuses and the shape of the answer (Meta: Cloud API error codes)."""

import secrets
import tomllib
from pathlib import Path

from botruntime.emulator.records import Json

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"


def _load() -> dict[int, tuple[int, str, str]]:
    rows = tomllib.loads((Path(__file__).parent / "meta_errors.toml").read_text(encoding="utf-8"))
    return {int(code): (row["status"], row["title"], row["details"]) for code, row in rows.items()}


CODES = _load()  # code: (HTTP status, title, details)


class GraphError(Exception):
    """A refusal in Meta's words. ``details`` becomes ``error_data.details``, ``subcode`` ``error_subcode``."""

    def __init__(
        self, code: int, details: str = "", *, status: int = 0, message: str = "", subcode: int = 0, **words: object
    ) -> None:
        known, title, general = CODES.get(code, (400, "Unknown error", ""))
        self.code = code
        self.status = status or known
        self.subcode = subcode
        self.message = message or f"(#{code}) {title}"
        self.details = details or (general.format(**words) if words else general)
        self.is_message = code >= 130000 and not subcode
        super().__init__(self.message)

    def body(self) -> Json:
        """``{"error": {…}}`` as Graph answers it."""
        error: Json = {"message": self.message, "type": "OAuthException", "code": self.code}
        if self.is_message:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": error | {"fbtrace_id": "A" + secrets.token_urlsafe(10)}}


def invalid(details: str) -> GraphError:
    """Code 100: a parameter is wrong; the message says which."""
    return GraphError(100, message=f"(#100) {details}")


def missing_object(object_id: str, method: str) -> GraphError:
    """The answer to an id Graph does not know or will not show (code 100, subcode 33)."""
    verb = {"GET": "get", "DELETE": "delete"}.get(method, "post")
    message = (
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return GraphError(100, message=message, subcode=33)


def bad_token(message: str, subcode: int = 0) -> GraphError:
    """Code 190, HTTP 401: the access token is missing, malformed, expired or revoked."""
    return GraphError(190, message=message, status=401, subcode=subcode)


def status_error(code: int) -> Json:
    """The same error as an item of ``statuses[].errors``."""
    _, title, details = CODES.get(code, (400, "Something went wrong", "Message failed to send."))
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}, "href": HREF}
