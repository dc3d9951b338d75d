"""Is the token ours and good, and does it reach what the browser claims? Meta: Access tokens, "Debug"."""

from sqlalchemy.orm import Session

from catalog.errors import Refused
from catalog.models import Connection
from catalog.sealing import Sealer
from marketplace.embedded_signup.stand import Keep, Stand, Stop
from marketplace.graph import Graph, GraphError
from marketplace.graph.facts import NumberFacts, TokenFacts


def run(stand: Stand, graph: Graph) -> Keep:
    """Prove WABA and number; then the number is the business's."""
    try:
        facts = graph.inspect(stand.token)
    except GraphError as error:
        # Meta refuses to show one app the tokens of another.
        if error.code == 100:
            raise Stop("other_app", is_final=True) from None
        raise
    prove_token(facts, graph.app_id)
    waba_id = proven_waba(facts, stand.claimed_waba_id)
    number = proven_number(graph.numbers(waba_id, stand.token), stand)

    def keep(session: Session, connection: Connection, sealer: Sealer) -> None:
        if isinstance(number, list):
            # The choice belongs to this WABA, whatever the owner adds meanwhile.
            connection.claimed_waba_id = waba_id
            connection.ask(session, "numbers.errors.choose_number", choices=[_choice(one) for one in number])
            return
        connection.is_coexistence = number.is_on_app
        try:
            connection.confirm(
                session,
                sealer,
                waba_id=waba_id,
                phone_number_id=number.phone_number_id,
                expires_at=facts.expires_at,
                display_phone_number=number.display_phone_number,
                verified_name=number.verified_name,
                quality=number.quality,
            )
        except Refused as refused:
            if refused.key != "errors.number_taken":
                raise
            connection.fail(session, "numbers.errors.number_taken", final=True, number=number.display_phone_number)
            return
        connection.finish_step(session)

    return keep


def prove_token(facts: TokenFacts, app_id: str) -> None:
    """Ours, valid, and with every permission that is needed. Raises ``Stop``."""
    if not facts.is_valid:
        raise Stop("token_invalid", is_final=True)
    if facts.app_id != app_id:
        raise Stop("other_app", is_final=True)
    if facts.missing_scopes:
        raise Stop("scope_missing", is_final=True, scope=", ".join(facts.missing_scopes))


def proven_waba(facts: TokenFacts, claimed: str | None) -> str:
    """The claimed WABA if the token reaches it; without a claim the newest. Raises ``Stop``."""
    if claimed is not None and claimed not in facts.waba_ids:
        raise Stop("waba_forged", is_final=True)
    if not facts.waba_ids:
        raise Stop("no_waba", is_final=True)
    return claimed or facts.waba_ids[0]


def proven_number(numbers: list[NumberFacts], stand: Stand) -> NumberFacts | list[NumberFacts]:
    """The claimed number if the WABA holds it; without a claim the only one that can be meant, or all of those.

    Raises ``Stop``.
    """
    if stand.claimed_phone_number_id is not None:
        found = [one for one in numbers if one.phone_number_id == stand.claimed_phone_number_id]
        if not found:
            raise Stop("number_forged", is_final=True)
        return found[0]
    if not numbers:
        raise Stop("no_number")
    fresh = [one for one in numbers if one.phone_number_id not in stand.live_ids] or numbers
    wished = [one for one in fresh if one.is_on_app] if stand.is_coexistence else fresh
    meant = wished or fresh
    return meant[0] if len(meant) == 1 else meant


def _choice(number: NumberFacts) -> dict[str, str]:
    return {
        "phone_number_id": number.phone_number_id,
        "display_phone_number": number.display_phone_number,
        "verified_name": number.verified_name,
    }
