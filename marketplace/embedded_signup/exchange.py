"""The request's part of the server's half: the code becomes a sealed token before it is 30 seconds old."""

import structlog
from sqlalchemy.orm import Session

from catalog.models import Connection
from catalog.sealing import Sealer
from marketplace.embedded_signup import machine
from marketplace.embedded_signup.messages import Finished
from marketplace.graph import Graph, GraphError

# A request may take ten seconds; Graph gets nine of them.
SECONDS = 9.0
# Meta's subcodes for codes; the words decide where both stand, for one subcode means several things.
EXPIRED, OTHER_URI, USED = 36007, 36008, 36009

log = structlog.get_logger()


def complete(
    session: Session,
    connection: Connection,
    finished: Finished,
    graph: Graph,
    sealer: Sealer,
    redirect_uri: str | None = None,
) -> None:
    """Exchange the code and hand over to the jobs. Commits. A second post for the same connection changes nothing."""
    if not connection.begin_exchange(session):
        return
    # Whoever posts the same code meanwhile must see that it is in hand; and no lock may wait for Meta.
    session.commit()
    try:
        token = graph.exchange(finished.code, redirect_uri, SECONDS)
    except GraphError as error:
        log.warning("code refused", connection=str(connection.code), reason=str(error))
        connection.fail(session, sentence(error), final=True)
        session.commit()
        return
    connection.is_coexistence = connection.is_coexistence or finished.is_coexistence
    connection.accept(session, sealer, token, waba_id=finished.waba_id, phone_number_id=finished.phone_number_id)
    session.commit()
    machine.ring(connection)


def sentence(error: GraphError) -> str:
    """The key of what a refused code means to the owner."""
    words = error.message.lower()
    if "has been used" in words or error.subcode == USED:
        return "numbers.errors.code_used"
    if "has expired" in words:
        return "numbers.errors.code_expired"
    if "verification code" in words or error.subcode in (EXPIRED, OTHER_URI):
        return "numbers.errors.code_foreign"
    if error.is_transient:
        return "numbers.errors.graph_silent"
    return "numbers.errors.code_refused"
