"""Two owners claim one number at once: one wins, the other is told, and nothing of the other's is kept."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from catalog.models import Connection, ConnectionState, Number, NumberState, Waba
from catalog.texts import text
from marketplace.embedded_signup import leaving, machine
from marketplace.graph import Graph
from tests.marketplace.numbers.desk import Desk, is_live
from tests.marketplace.numbers.emulating import Emulator

ROUNDS = 20


def reported(desk: Desk, emulator: Emulator, phone_number_id: str) -> Connection:
    """A connection whose token is in hand."""
    connection = desk.begin()
    signup = emulator.signup(phone_number_id=phone_number_id)
    assert desk.report(connection, signup["code"], signup["event"]).status_code == 200
    return connection


def at_once(runs: list[Connection]) -> None:
    """A job for each, started together."""
    barrier = Barrier(len(runs))

    def run(code: str) -> None:
        barrier.wait()
        machine.advance(code)

    with ThreadPoolExecutor(len(runs)) as pool:
        list(pool.map(run, [str(connection.code) for connection in runs]))


def owners_of(desk: Desk, phone_number_id: str) -> int:
    """How many rows hold the number now."""
    held = select(func.count()).where(Number.phone_number_id == phone_number_id, Number.state != NumberState.RELEASED)
    return desk.session.scalars(held).one()


def test_f52_two_owners_claim_one_number_at_once(
    desk: Desk, strangers_desk: Desk, emulator: Emulator, graph: Graph
) -> None:
    for _ in range(ROUNDS):
        made = emulator.number()
        rivals = [(one, reported(one, emulator, made["phone_number_id"])) for one in (desk, strangers_desk)]
        at_once([connection for _, connection in rivals])
        ended = [(one, one.connection(connection.code)) for one, connection in rivals]
        winners = [pair for pair in ended if is_live(pair[1])]
        assert len(winners) == 1
        assert owners_of(desk, made["phone_number_id"]) == 1
        ((loser, lost),) = [pair for pair in ended if pair not in winners]
        assert lost.state is ConnectionState.FAILED
        assert lost.error == "numbers.errors.number_taken"
        assert not lost.has_token
        assert lost.waba is None
        loser.session.expire_all()
        theirs = select(Waba).where(Waba.waba_id == made["waba_id"], Waba.business_id == loser.business.id)
        assert loser.session.scalar(theirs) is None
        assert loser.number(made["phone_number_id"]) is None


def test_f52_the_loser_reads_why_and_how_and_may_win_later(
    desk: Desk, strangers_desk: Desk, emulator: Emulator
) -> None:
    made = emulator.number()
    won = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    lost = strangers_desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    page = strangers_desk.page(lost)
    assert text("id", "numbers.errors.number_taken", number=made["display_phone_number"]) in page
    assert desk.business.name not in page, "whose it is is nobody's business"
    assert "/retries" not in page
    assert won.number is not None
    assert desk.post(f"/numbers/{won.number.code}/release").status_code == 303
    again = strangers_desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert is_live(again)
    assert owners_of(desk, made["phone_number_id"]) == 1
    # The first owner's farewell must not silence the second: both share one app and one WABA at Meta.
    assert won.waba is not None
    leaving.leave(str(won.waba.code))
    assert emulator.waba(made["waba_id"])["subscribed"]


def test_one_owner_connecting_twice_at_once_has_one_number(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    runs = [reported(desk, emulator, made["phone_number_id"]) for _ in range(2)]
    at_once(runs)
    assert all(is_live(desk.connection(connection.code)) for connection in runs)
    assert owners_of(desk, made["phone_number_id"]) == 1


def test_twenty_jobs_for_one_connection_do_each_step_once(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = reported(desk, emulator, made["phone_number_id"])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(machine.advance, [str(connection.code)] * 20))
    connection = desk.connection(connection.code)
    assert is_live(connection)
    assert [step.tries for step in connection.steps] == [1] * 5
    assert len(emulator.calls(f"{made['phone_number_id']}/register")) == 1
