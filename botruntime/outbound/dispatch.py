"""Claimed messages on their way: judged, paced, handed to a transport, and what became of each gathered as a result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog
from sqlalchemy.orm import Session, sessionmaker

from botruntime.outbound import checks, metrics, refusals, trouble, verdicts
from botruntime.outbound.claim import Claimed
from botruntime.outbound.credentials import Credentials
from botruntime.outbound.pacing import NumberPace, NumberPaces, PairPace
from botruntime.outbound.payload import reply_of
from botruntime.outbound.results import Result
from botruntime.transports.base import Action, Outgoing, Transport, TransportError
from catalog.sealing import SealBroken, Sealer

log = structlog.get_logger(__name__)

UNREADY_SECONDS = 60.0
RECORD_SECONDS = 0.5


class Dispatch:
    """Starts requests and gathers results; `ring` is called whenever there is a new one.

    `cap` is the most requests one number may have under way, so that it cannot take all places.
    """

    def __init__(
        self,
        transports: Mapping[str, Transport],
        sealer: Sealer,
        sessions: sessionmaker[Session],
        cap: int,
        ring: Callable[[], None],
    ) -> None:
        self.under_way: set[asyncio.Task[None]] = set()
        self.beside: set[asyncio.Task[None]] = set()
        self.results: list[Result] = []
        self.next_due = 0.0
        """When, by the monotonic clock, the first of the messages put off is due again."""
        self._transports = transports
        self._credentials = Credentials(sealer)
        self._sessions = sessions
        self._ring = ring
        self._pairs = PairPace()
        self._numbers = NumberPaces(cap)
        self._reported: set[tuple[int, str]] = set()

    def begin(self, row: Claimed) -> None:
        """Start the request for a claimed message, or note why not."""
        try:
            self._begin(row)
        except Exception:
            # A fault of ours in one message must not keep all others back.
            log.exception("message not understood", message=row.code)
            self._note(checks.end(row, "failed", refusals.UNREADABLE), "unreadable")

    def _begin(self, row: Claimed) -> None:
        ruling = checks.before(row) or self._outgoing(row)
        if isinstance(ruling, Result):
            self._note(ruling, ruling.state)
            return
        delayed = self._paced(row)
        if delayed is not None:
            self._note(delayed, "paced")
            return
        task = asyncio.create_task(self._send(row, ruling))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    def _outgoing(self, row: Claimed) -> Outgoing | Result:
        if row.transport not in self._transports:
            return checks.end(row, "refused", refusals.NO_TRANSPORT)
        if row.waba_code is None or row.business_token is None:
            self._report(row, trouble.TOKEN)
            return checks.park(row)
        try:
            reply = reply_of(row.payload)
        except (TypeError, ValueError, KeyError, AttributeError):
            log.exception("payload unreadable", message=row.code)
            return checks.end(row, "refused", refusals.UNREADABLE)
        try:
            token = self._credentials.token(row.waba_code, row.business_token)
        except SealBroken as wrong:
            # The operator's keys, not the owner's number: nothing is lost while somebody puts them right.
            log.error("token does not open", waba=row.waba_code, problem=str(wrong))
            return checks.postpone(row, UNREADY_SECONDS, refusals.LATER)
        return Outgoing(row.code, row.phone_number_id, token, reply, row.wa_id, row.bsuid)

    def _paced(self, row: Claimed) -> Result | None:
        """Count the message against its number's and its pair's allowance, or put it off."""
        now, number = time.monotonic(), self._number(row)
        wait = self._pairs.wait(row.conversation_id, now)
        if wait > 0:
            return checks.postpone(row, wait, refusals.PACED_PAIR)
        wait = number.wait(now)
        if wait > 0:
            return checks.postpone(row, wait, refusals.PACED_NUMBER)
        self._pairs.take(row.conversation_id, now)
        number.start(now)
        return None

    def _number(self, row: Claimed) -> NumberPace:
        return self._numbers.of(row.number_id, is_coexistence=row.is_coexistence, now=time.monotonic())

    async def _send(self, row: Claimed, outgoing: Outgoing) -> None:
        began, number = time.monotonic(), self._number(row)
        try:
            wamid = await self._transports[row.transport].send(outgoing)
        except TransportError as error:
            self._failed(row, error)
        except Exception:
            # A fault of ours: whether the message went out is not known, so it is treated like a lost answer.
            log.exception("send broke off", message=row.code)
            self._failed(row, TransportError(Action.UNSURE, refusals.LOST))
        else:
            number.succeeded()
            self._note(Result(row.id, row.token, row.conversation_id, "sent", wamid=wamid), "sent")
            metrics.OUTBOX_SECONDS.observe(row.age + time.monotonic() - began)
        finally:
            metrics.SEND_SECONDS.observe(time.monotonic() - began)
            number.under_way -= 1
            self._ring()

    def _failed(self, row: Claimed, error: TransportError) -> None:
        now, result = time.monotonic(), verdicts.after(row, error)
        metrics.ERRORS.labels("none" if error.code is None else str(error.code)).inc()
        if error.kind is Action.PACE_NUMBER:
            result.delay = self._number(row).throttled(now, error.retry_after)
        elif error.kind is Action.PACE_PAIR:
            self._pairs.throttled(row.conversation_id, now)
        elif error.kind in (Action.PARK, Action.STOP):
            self._report(row, trouble.TOKEN if error.kind is Action.PARK else error.key)
        elif error.kind is Action.FINAL and error.key in trouble.OWNERS_WORK:
            self._report(row, error.key, error.code)
        log.info("not sent", message=row.code, outcome=result.state, key=error.key, code=error.code, trace=error.trace)
        self._note(result, error.kind.value)

    def _note(self, result: Result, outcome: str) -> None:
        metrics.SENDS.labels(outcome).inc()
        self.results.append(result)
        if result.delay:
            now = time.monotonic()
            due = now + result.delay
            self.next_due = due if self.next_due <= now else min(self.next_due, due)

    def _report(self, row: Claimed, key: str, code: int | None = None) -> None:
        """Have a number's trouble put on record and its owners told, beside the sending and once at a time."""
        if (row.number_id, key) in self._reported:
            return
        self._reported.add((row.number_id, key))
        act: Coroutine[Any, Any, bool]
        if key == trouble.TOKEN:
            act = asyncio.to_thread(trouble.lose_token, self._sessions, row.number_id, row.business_token)
        elif code is not None:
            act = asyncio.to_thread(trouble.mention, self._sessions, row.number_id, key, code)
        else:
            act = asyncio.to_thread(trouble.stop, self._sessions, row.number_id, key)
        if code is None:
            # Until the record is made, nothing more leaves from this number.
            self._number(row).held_until = time.monotonic() + RECORD_SECONDS
        task = asyncio.create_task(self._finish_report(act, row.number_id, key))
        self.beside.add(task)
        task.add_done_callback(self.beside.discard)

    async def _finish_report(self, act: Coroutine[Any, Any, bool], number_id: int, key: str) -> None:
        try:
            if await act:
                log.warning("number in trouble", number_id=number_id, key=key)
        except Exception:
            # The next error of this number tries again.
            log.exception("trouble not recorded", number_id=number_id, key=key)
        finally:
            self._reported.discard((number_id, key))
