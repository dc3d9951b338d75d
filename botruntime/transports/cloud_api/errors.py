"""Meta's error codes as data, and what an answer means for the sender.

Source: Meta, "Cloud API error codes"; the actions are ours. Throttling comes as HTTP 400, not 429.
A code that is not in the table is final below 500 and worth three tries from 500 on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from botruntime.transports.base import Action, TransportError
from botruntime.transports.http import Answer

RETRY_AFTER_CAP = 3600.0
FEW, MANY = 3, 8
WAMID_MOST = 512


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do about a code, how many attempts it is worth, and the name of its sentence in `sending.meta`."""

    action: Action
    text: str
    tries: int = MANY


def _rules() -> dict[int, Rule]:
    retry, final, stop = Action.RETRY, Action.FINAL, Action.STOP
    table: list[tuple[tuple[int, ...], Rule]] = [
        ((0, 190), Rule(Action.PARK, "token")),
        ((368, 131031), Rule(stop, "locked")),
        ((33,), Rule(stop, "number_gone")),
        ((3, 10, 131005), Rule(final, "permission")),
        (tuple(range(200, 300)), Rule(final, "permission")),
        ((1, 131000), Rule(retry, "unknown", FEW)),
        ((2, 131016, 133004), Rule(retry, "unavailable")),
        ((131057,), Rule(retry, "maintenance")),
        ((4, 80007), Rule(Action.PACE_NUMBER, "calls")),
        ((130429,), Rule(Action.PACE_NUMBER, "throughput")),
        ((131056,), Rule(Action.PACE_PAIR, "pair")),
        ((131048,), Rule(final, "spam")),
        ((131064,), Rule(final, "messaging_limit")),
        ((100, 131008, 131009, 135000), Rule(final, "invalid")),
        ((131051,), Rule(final, "unsupported_type")),
        ((130497,), Rule(final, "country")),
        ((130472,), Rule(final, "experiment")),
        ((131021,), Rule(final, "to_itself")),
        ((131026,), Rule(final, "undeliverable")),
        ((131030,), Rule(final, "not_allowed")),
        ((131037,), Rule(final, "display_name")),
        ((131042, 131044), Rule(final, "payment")),
        ((131045, 133000, 133006, 133010, 133015), Rule(final, "not_registered")),
        ((131047,), Rule(final, "window")),
        ((131049,), Rule(final, "meta_held")),
        ((131050,), Rule(final, "marketing_opt_out")),
        ((131052, 131053), Rule(final, "media")),
        ((131055, 131063, 134100, 134101, 134102), Rule(final, "marketing_route")),
        ((131060,), Rule(final, "gone")),
        ((131062,), Rule(final, "needs_phone")),
        ((132000, 132005, 132008, 132012, 132018), Rule(final, "template_values")),
        ((132001,), Rule(final, "template_missing")),
        ((132007,), Rule(final, "template_policy")),
        ((132015, 132016), Rule(final, "template_stopped")),
        ((132068, 132069), Rule(final, "form")),
        ((134011,), Rule(final, "terms")),
        ((137000,), Rule(final, "identity")),
    ]
    return {code: rule for codes, rule in table for code in codes}


RULES = _rules()
UNKNOWN_FINAL = Rule(Action.FINAL, "other")
UNKNOWN_RETRY = Rule(Action.RETRY, "other", FEW)
NO_ANSWER = Rule(Action.UNSURE, "answer_lost")
BUSY = Rule(Action.RETRY, "unavailable")


def rule_for(code: int, status: int, subcode: int = 0) -> Rule:
    """The rule of an error code; `status` is the HTTP status (400 for one that came in a webhook)."""
    if code == 100 and subcode == 33:
        code = 33
    known = RULES.get(code)
    if known is not None:
        return known
    return UNKNOWN_RETRY if status >= 500 else UNKNOWN_FINAL


def key_for(code: int) -> str:
    """The catalogue key of an error code, for errors that arrive in statuses."""
    return f"sending.meta.{rule_for(code, 400).text}"


def wamid_in(answer: Answer) -> str:
    """The message's id in an answer to a send. Raises `TransportError` for everything else an answer may be."""
    data = _json(answer.body)
    if answer.status == 200:
        try:
            wamid = data["messages"][0]["id"]
        except (TypeError, KeyError, IndexError):
            wamid = None
        if isinstance(wamid, str) and 0 < len(wamid) <= WAMID_MOST and wamid.isascii() and wamid.isprintable():
            return wamid
        if not _error(data):
            raise _made(NO_ANSWER, detail="a 200 without a message id")
    raise from_answer(answer, data)


def from_answer(answer: Answer, data: Any = None) -> TransportError:
    """The error in an answer that is not a success."""
    data = _json(answer.body) if data is None else data
    error = _error(data)
    retry_after = _retry_after(answer)
    if error is None:
        return _made(_by_status(answer.status), detail=f"HTTP {answer.status}", retry_after=retry_after)
    code, subcode = _int(error.get("code")), _int(error.get("error_subcode"))
    rule = rule_for(code, answer.status, subcode)
    if answer.status == 429 and rule.action is Action.FINAL:
        rule = RULES[4]
    extra = error.get("error_data")
    detail = extra.get("details") if isinstance(extra, dict) else None
    return _made(
        rule,
        code=code,
        detail=_words(detail or error.get("message"))[:500],
        retry_after=retry_after,
        trace=_words(error.get("fbtrace_id"))[:64],
    )


def lost(detail: str) -> TransportError:
    """The request was written and no whole answer came."""
    return _made(NO_ANSWER, detail=detail)


def unreached(detail: str) -> TransportError:
    """Graph was not reached at all."""
    return _made(Rule(Action.RETRY, "unreached"), detail=detail)


def _made(rule: Rule, **known: Any) -> TransportError:
    return TransportError(rule.action, f"sending.meta.{rule.text}", tries=rule.tries, **known)


def _by_status(status: int) -> Rule:
    """An answer without Graph's error object: a proxy or a broken server spoke."""
    if status == 429:
        return RULES[4]
    if status in (502, 504):
        # A gateway lost the answer of the server behind it, which may have accepted.
        return NO_ANSWER
    if status >= 500 or status == 408:
        return BUSY
    return UNKNOWN_FINAL if status >= 400 else UNKNOWN_RETRY


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _error(data: Any) -> dict[str, Any] | None:
    error = data.get("error") if isinstance(data, dict) else None
    return error if isinstance(error, dict) else None


def _words(value: Any) -> str:
    """What the platform says, as text a database keeps."""
    return str(value or "").replace("\x00", "\ufffd")


def _int(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _retry_after(answer: Answer) -> float | None:
    try:
        seconds = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_CAP) if seconds == seconds else None
