"""How a number fares at Meta, kept for its page. A hint: nothing is blocked by it."""

from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Number
from catalog.sealing import Sealer
from marketplace.graph import Graph, GraphError
from marketplace.graph.facts import NumberFacts

# Meta: errors 131042 and 141006: the payment method is missing or refused.
PAYMENT = frozenset({131042, 141006})


def note(session: Session, number: Number, facts: NumberFacts) -> None:
    """Keep what Meta says. ``health`` has sending, name, reasons, is_payment_missing, others and checked_at."""
    number.display_phone_number = facts.display_phone_number or number.display_phone_number
    number.verified_name = facts.verified_name or number.verified_name
    number.quality = facts.quality or None
    if facts.portfolio_id and number.waba is not None:
        number.waba.portfolio_id = facts.portfolio_id
    reasons = facts.health.get("reasons", [])
    number.health = {
        **number.health,
        **facts.health,
        "is_payment_missing": any(reason["code"] in PAYMENT for reason in reasons),
        "checked_at": clock.now(session).isoformat(),
    }


def check(session: Session, number: Number, graph: Graph, sealer: Sealer) -> None:
    """Ask Meta now. Raises ``GraphError``; a dead token disconnects the WABA's numbers."""
    token = number.waba.open_token(sealer) if number.waba else None
    if token is None or number.waba is None:
        return
    phone_number_id, waba_id = number.phone_number_id, number.waba.waba_id
    # No transaction waits for Meta.
    session.commit()
    try:
        facts = graph.number(phone_number_id, token)
        others = [app.name or app.app_id for app in graph.subscribers(waba_id, token) if app.app_id != graph.app_id]
    except GraphError as error:
        if error.is_token_dead:
            number.waba.lose(session, "numbers.lost.token")
            session.commit()
        raise
    note(session, number, facts)
    number.health = {**number.health, "others": others}
    session.commit()
