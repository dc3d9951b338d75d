"""Does Meta say that messages flow? Only then is the number live."""

from sqlalchemy.orm import Session

from catalog.models import Connection
from catalog.sealing import Sealer
from marketplace.embedded_signup import health
from marketplace.embedded_signup.stand import Keep, Later, Stand
from marketplace.graph import Graph


def run(stand: Stand, graph: Graph) -> Keep:
    """Go live on CONNECTED, and on nothing else."""
    facts = graph.number(stand.phone_number_id, stand.token)
    if not facts.is_connected:
        raise Later("not_connected_yet", "not_connected", status=facts.status or "-")

    def keep(session: Session, connection: Connection, _: Sealer) -> None:
        number = connection.number
        if number is None:
            raise ValueError("a connection without a number cannot go live")
        health.note(session, number, facts)
        number.go_live(session)
        connection.finish_step(session)

    return keep
