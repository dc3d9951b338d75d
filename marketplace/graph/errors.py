"""What Graph answers when it will not."""

from typing import Any

# Meta: Cloud API, "Error codes": worth another try by themselves, whatever the HTTP status says.
PASSING = frozenset({1, 2, 4, 17, 32, 341, 613, 80007, 130429, 131000, 131016, 131057, 133004})
TEXT_LIMIT = 300


class GraphError(Exception):
    """A call that failed.

    ``code`` and ``subcode`` are Meta's; None where no answer came, or one that is not Graph's. ``details`` is Meta's
    own explanation where there is one. Neither text ever holds the address of the call: it may carry a token.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        details: str = "",
        is_transient: bool = False,
        trace: str = "",
    ) -> None:
        super().__init__(f"{message} (code {code}, subcode {subcode}, trace {trace or '-'})")
        self.code = code
        self.subcode = subcode
        self.message = message
        self.details = details
        self.is_transient = is_transient
        self.trace = trace

    @property
    def is_unanswered(self) -> bool:
        """Nobody knows whether Meta did it."""
        return self.code is None

    @property
    def is_token_dead(self) -> bool:
        """The token expired or was taken back: only a new signup helps."""
        return self.code in (0, 190)

    @property
    def is_permission_gone(self) -> bool:
        """The token lives but no longer reaches this object."""
        return self.code in (3, 10, 33) or (self.code is not None and 200 <= self.code <= 299) or self.is_missing

    @property
    def is_missing(self) -> bool:
        """The object does not exist for this token."""
        return self.code == 100 and self.subcode == 33


def read(status: int, body: Any) -> GraphError:
    """The error in an answer of HTTP ``status``. Tolerates every shape: a field of the wrong type counts as missing."""
    found = body.get("error") if isinstance(body, dict) else None
    error = found if isinstance(found, dict) else {}
    code, subcode = _whole(error.get("code")), _whole(error.get("error_subcode"))
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else error.get("error_user_msg")
    return GraphError(
        _text(error.get("message")) or f"HTTP {status}",
        code=code,
        subcode=subcode,
        details=_text(details),
        is_transient=error.get("is_transient") is True or code in PASSING or status >= 500 or status == 429,
        trace=_text(error.get("fbtrace_id")),
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    return value[:TEXT_LIMIT] if isinstance(value, str) else ""
