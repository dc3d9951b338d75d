"""The request's part of the server's half: the code becomes a sealed token before it is 30 seconds old."""

import structlog
from sqlalchemy.orm import Session, scoped_session

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
    session: "Session | scoped_session[Session]",
    connection: Connection,
    finished: Finished,
    graph: Graph,
    sealer: Sealer,
    redirect_uri: str | None = None,
) -> None:
    """Exchange the code and hand over to the jobs. Commits. A second post for the same connection changes nothing."""
    real: Session = session() if isinstance(session, scoped_session) else session
    if not connection.begin_exchange(real):
        return
    # Whoever posts the same code meanwhile must see that it is in hand; and no lock may wait for Meta.
    real.commit()
    try:
        token = graph.exchange(finished.code, redirect_uri, SECONDS)
    except GraphError as error:
        log.warning("code refused", connection=str(connection.code), reason=str(error))
        connection.fail(real, sentence(error), final=True)
        real.commit()
        return
    connection.is_coexistence = connection.is_coexistence or finished.is_coexistence
    connection.accept(real, sealer, token, waba_id=finished.waba_id, phone_number_id=finished.phone_number_id)
    real.commit()
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
