"""Let Meta send us what happens in the WABA. Meta: WABA, "subscribed_apps"."""

from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Connection
from catalog.sealing import Sealer
from marketplace.embedded_signup.stand import Keep, Stand
from marketplace.graph import Graph


def run(stand: Stand, graph: Graph) -> Keep:
    """Subscribe our app; note who else listens, for another provider's bot may answer too."""
    graph.subscribe(stand.waba_id, stand.token)
    others = [app for app in graph.subscribers(stand.waba_id, stand.token) if app.app_id != graph.app_id]

    def keep(session: Session, connection: Connection, _: Sealer) -> None:
        if connection.waba is not None and connection.number is not None:
            connection.waba.subscribed_at = clock.now(session)
            names = [app.name or app.app_id for app in others]
            connection.number.health = {**connection.number.health, "others": names}
        connection.finish_step(session)

    return keep
