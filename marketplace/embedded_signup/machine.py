"""The jobs' half: take a connection's next step in hand, do its calls, write what came of it; again until it waits.

Each step is leased, has its own commits, and may be repeated: a job that dies at any point costs a pause, nothing else.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from catalog.models import Connection, connection_lease
from catalog.sealing import SealBroken, Sealer
from marketplace import jobs
from marketplace.embedded_signup import stand as stands
from marketplace.embedded_signup.stand import Ask, Keep, Later, Stand, Stop
from marketplace.embedded_signup.steps import STEPS
from marketplace.graph import Graph, GraphError

ADVANCE = "marketplace.embedded_signup.machine.advance"
# A fresh job gets this long before the sweep takes it for lost.
LATE = timedelta(seconds=2)
# Seconds before the next try of a step by itself; then it waits for the owner.
PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 900)

log = structlog.get_logger()


def advance(code: str) -> None:
    """The job: run steps until the connection is live or waits for the clock or for its owner."""
    settings = jobs.settings()
    graph, sealer = Graph.of(settings), settings.sealer
    while step(UUID(code), graph, sealer):
        continue


def ring(connection: Connection) -> None:
    """Queue the job; call it after the commit."""
    jobs.enqueue(ADVANCE, str(connection.code), job_id=f"connection-{connection.code}")


def sweep(session: Session) -> None:
    """Queue what is due and in nobody's hand; end what nobody will finish."""
    connection_lease.expire_old(session)
    for code in connection_lease.overdue(session, LATE):
        jobs.enqueue(ADVANCE, str(code), job_id=f"connection-{code}")


def step(code: UUID, graph: Graph, sealer: Sealer) -> bool:
    """One step. False where nothing was due, or somebody else has it in hand."""
    with jobs.session() as session:
        begun = _begin(session, code, sealer)
    if begun is None:
        return False
    stand, until = begun
    try:
        outcome: Keep | Stop | Ask | Later = _work(stand, graph)
    except (Stop, Ask, Later) as answer:
        outcome = answer
    with jobs.session() as session:
        connection = connection_lease.held(session, code, until)
        if connection is None:
            log.warning("lease lost", connection=str(code), step=stand.step.value)
            return False
        _settle(session, connection, sealer, stand, outcome)
    return True


def _begin(session: Session, code: UUID, sealer: Sealer) -> tuple[Stand, datetime] | None:
    connection = connection_lease.take(session, code)
    if connection is None or connection.step is None or connection.leased_until is None:
        return None
    connection.step.begin()
    if connection.step.tries > len(PAUSES) + 1:
        # Only a step whose every try died on the way comes here.
        connection.fail(session, "numbers.errors.unexpected")
        return None
    try:
        stand = stands.read(session, connection, sealer)
    except SealBroken:
        connection.fail(session, "numbers.errors.token_gone", final=True)
        return None
    if not stand.token:
        connection.fail(session, "numbers.errors.token_gone", final=True)
        return None
    return stand, connection.leased_until


def _work(stand: Stand, graph: Graph) -> Keep:
    """The step's calls, with Graph's general refusals put into the owner's words."""
    try:
        return STEPS[stand.step](stand, graph)
    except GraphError as error:
        log.warning("graph refused", step=stand.step.value, tries=stand.tries, reason=str(error))
        if error.is_token_dead:
            raise Stop("token_dead", is_final=True) from None
        if error.is_transient:
            raise Later("graph_down", "graph_gave_up") from None
        if error.is_permission_gone:
            raise Stop("permission_lost") from None
        raise Stop("graph_refused", number=error.code, message=error.details or error.message) from None


def _settle(
    session: Session, connection: Connection, sealer: Sealer, stand: Stand, outcome: Keep | Stop | Ask | Later
) -> None:
    if isinstance(outcome, Stop):
        connection.fail(session, outcome.key, final=outcome.is_final, **outcome.params)
        if outcome.is_final and connection.waba is not None:
            connection.waba.lose(session, "numbers.lost.token")
    elif isinstance(outcome, Ask):
        connection.ask(session, outcome.key, **outcome.params)
    elif isinstance(outcome, Later):
        pause = outcome.seconds or next(iter(PAUSES[stand.tries - 1 : stand.tries]), None)
        if pause is None:
            connection.fail(session, outcome.given_up, **outcome.params)
        else:
            connection.postpone(session, pause, outcome.key, **outcome.params)
    else:
        outcome(session, connection, sealer)
