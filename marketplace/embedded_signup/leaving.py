"""Letting a WABA go: once no number of it is connected, nothing of it is heard any more and its token is forgotten."""

import time
from uuid import UUID

import structlog
from sqlalchemy import Exists, Select, exists, select
from sqlalchemy.orm import Session

from catalog.models import Connection, Number, NumberState, Waba
from catalog.models.connection import OPEN
from catalog.sealing import SealBroken, Sealer
from marketplace import jobs
from marketplace.graph import Graph, GraphError

LEAVE = "marketplace.embedded_signup.leaving.leave"
BATCH = 100
# Seconds after each failed try.
PAUSES = (1, 3, 0)

log = structlog.get_logger()


def idle() -> Select[Waba]:
    """WABAs whose token nobody needs: no number connecting or live, no attempt that may still come to something."""
    wanted = exists().where(Connection.waba_fk == Waba.id, Connection.state.in_(OPEN))
    return select(Waba).where(Waba.business_token.is_not(None), ~_has_numbers(), ~wanted)


def in_use(waba_id: str) -> Select[Waba]:
    """Whoever still hears the WABA. At Meta a WABA is heard once per app, whichever business of ours asked for it."""
    return select(Waba).where(Waba.waba_id == waba_id, Waba.business_token.is_not(None), _has_numbers())


def sweep(session: Session) -> None:
    """Queue every WABA that is to be left."""
    for waba in session.scalars(idle().limit(BATCH)):
        jobs.enqueue(LEAVE, str(waba.code), job_id=f"leave-{waba.code}")


def leave(code: str) -> None:
    """Unsubscribe and forget the token, whatever Meta says: the owner may have taken our access away before."""
    settings = jobs.settings()
    with jobs.session() as session:
        waba = session.scalar(idle().where(Waba.code == UUID(code)))
        if waba is None:
            return
        waba_id, token = waba.waba_id, _opened(waba, settings.sealer)
        is_shared = session.scalar(in_use(waba_id).limit(1)) is not None
    if token and not is_shared:
        _unsubscribe(Graph.of(settings), waba_id, token)
    with jobs.session() as session:
        waba = session.scalar(idle().where(Waba.code == UUID(code)).with_for_update(of=Waba))
        if waba is not None:
            waba.lose(session, "numbers.lost.by_owner")
        heard = session.scalar(in_use(waba_id).limit(1))
        fresh = _opened(heard, settings.sealer) if heard and not is_shared else None
    # Somebody connected meanwhile, and our farewell may have come after the new greeting.
    if fresh:
        Graph.of(settings).subscribe(waba_id, fresh)


def _has_numbers() -> Exists:
    return exists().where(Number.waba_fk == Waba.id, Number.state.in_((NumberState.CONNECTING, NumberState.LIVE)))


def _opened(waba: Waba, sealer: Sealer) -> str | None:
    try:
        return waba.open_token(sealer)
    except SealBroken:
        return None


def _unsubscribe(graph: Graph, waba_id: str, token: str) -> None:
    """Three tries; a subscription left behind is harmless, updates for unknown numbers are dropped at the door."""
    for pause in PAUSES:
        try:
            graph.unsubscribe(waba_id, token)
        except GraphError as error:
            log.warning("not unsubscribed", waba_id=waba_id, reason=str(error))
            if not error.is_transient:
                return
            time.sleep(pause)
        else:
            return
