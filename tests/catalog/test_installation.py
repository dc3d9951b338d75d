"""One bot on one number."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.db import session_factory
from catalog.errors import Refused
from catalog.models import (
    Business,
    Event,
    Installation,
    InstallationState,
    Interval,
    Listing,
    Number,
    NumberState,
    Plan,
    User,
)
from tests import factories


@pytest.fixture
def owner(session: Session) -> User:
    return factories.user(session)


@pytest.fixture
def number(session: Session, owner: User) -> Number:
    return factories.number(session, factories.business(session, owner))


def test_installing_pins_the_published_version(session: Session, owner: User, number: Number) -> None:
    listing = factories.listing(session, "satu")
    installation = factories.installation(session, number, listing, owner)
    assert installation.state is InstallationState.ACTIVE
    assert installation.version.name == "1.0.0"
    assert Installation.on(session, number) is installation


def test_installing_the_same_bot_again_gives_the_same_installation(
    session: Session, owner: User, number: Number
) -> None:
    listing = factories.listing(session, "satu")
    first = factories.installation(session, number, listing, owner)
    assert factories.installation(session, number, listing, owner) is first


def test_another_bot_needs_the_owners_word_to_replace(session: Session, owner: User, number: Number) -> None:
    first = factories.installation(session, number, factories.listing(session, "satu"), owner)
    other = factories.listing(session, "dua")
    version = other.version(session)
    assert version is not None
    terms = {"number": number, "version": version, "plan": other.free_plan, "settings": {}, "consent": {}, "by": owner}
    with pytest.raises(Refused, match="number_has_other_bot"):
        Installation.install(session, **terms)
    generation = first.generation
    second = Installation.install(session, **terms, replacing=first)
    assert first.state is InstallationState.UNINSTALLED
    assert first.generation > generation
    assert Installation.on(session, number) is second


@pytest.mark.parametrize("state", [NumberState.CONNECTING, NumberState.DISCONNECTED, NumberState.RELEASED])
def test_a_number_that_is_not_live_takes_no_bot(session: Session, owner: User, state: NumberState) -> None:
    number = factories.number(session, factories.business(session, owner), state=state)
    with pytest.raises(Refused, match="number_not_live"):
        factories.installation(session, number, factories.listing(session), owner)


def test_a017_a_paid_plan_cannot_be_installed_without_paying(session: Session, owner: User, number: Number) -> None:
    listing = factories.listing(session)
    paid = Plan(listing_id=listing.id, name={}, interval=Interval.MONTH, price_idr=99_000)
    session.add(paid)
    version = listing.version(session)
    assert version is not None
    with pytest.raises(Refused, match="plan_needs_payment"):
        Installation.install(session, number=number, version=version, plan=paid, settings={}, consent={}, by=owner)


def test_pause_and_resume_raise_the_generation_and_repeat_without_harm(
    session: Session, owner: User, number: Number
) -> None:
    installation = factories.installation(session, number, factories.listing(session), owner)
    installation.pause(session, owner)
    installation.pause(session, owner)
    assert (installation.state, installation.generation) == (InstallationState.PAUSED, 2)
    installation.resume(session, owner)
    installation.resume(session, owner)
    assert (installation.state, installation.generation) == (InstallationState.ACTIVE, 3)


def test_an_uninstalled_bot_can_neither_pause_nor_resume_and_frees_its_number(
    session: Session, owner: User, number: Number
) -> None:
    installation = factories.installation(session, number, factories.listing(session), owner)
    installation.uninstall(session, owner)
    installation.uninstall(session, owner)
    for verb in (installation.pause, installation.resume):
        with pytest.raises(Refused, match="installation_state"):
            verb(session, owner)
    number.release(session, owner)
    assert number.state is NumberState.RELEASED


def test_a_number_with_a_bot_cannot_be_released(session: Session, owner: User, number: Number) -> None:
    factories.installation(session, number, factories.listing(session), owner)
    with pytest.raises(Refused, match="number_has_bot"):
        number.release(session, owner)


def test_the_index_is_the_last_word_on_one_bot_per_number(session: Session, owner: User, number: Number) -> None:
    first = factories.installation(session, number, factories.listing(session), owner)
    columns = {c.key: getattr(first, c.key) for c in Installation.__table__.columns if c.key not in ("id", "code")}
    session.add(Installation(**columns))
    with pytest.raises(IntegrityError, match="uq_installation_holding"):
        session.flush()


def test_every_change_is_on_record_with_its_actor(session: Session, owner: User, number: Number) -> None:
    installation = factories.installation(session, number, factories.listing(session), owner)
    installation.configure(session, {"greeting": "Hai"}, owner)
    installation.pause(session, owner)
    installation.uninstall(session, owner)
    session.flush()
    rows = session.scalars(select(Event).where(Event.subject_code == installation.code).order_by(Event.id)).all()
    assert [row.kind.partition(".")[2] for row in rows] == ["installed", "configured", "paused", "uninstalled"]
    assert {row.actor_id for row in rows} == {owner.id}
    assert all("greeting" not in str(row.data) for row in rows)


def test_f51_twenty_clicks_at_once_make_one_installation(engine: Engine, session: Session, owner: User) -> None:
    number = factories.number(session, factories.business(session, owner))
    listing = factories.listing(session)
    session.commit()
    ids, start = (number.id, listing.id, owner.id), Barrier(20)

    def click(_: int) -> int:
        with session_factory(engine)() as mine:
            start.wait()
            on, shelf, by = mine.get(Number, ids[0]), mine.get(type(listing), ids[1]), mine.get(User, ids[2])
            assert on is not None
            assert shelf is not None
            assert by is not None
            row = factories.installation(mine, on, shelf, by)
            mine.commit()
            return row.id

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(click, range(20)))) == 1


@pytest.mark.parametrize("verb", ["pause", "resume", "configure"])
def test_f53_no_press_that_came_late_brings_an_uninstalled_bot_back(
    engine: Engine, session: Session, owner: User, number: Number, verb: str
) -> None:
    installation = factories.installation(session, number, factories.listing(session), owner)
    if verb == "resume":
        installation.pause(session, owner)
    session.commit()
    with session_factory(engine)() as late:
        stale = late.get_one(Installation, installation.id)
        by = late.get_one(User, owner.id)
        installation.uninstall(session, owner)
        session.commit()
        if verb == "configure":
            stale.configure(late, {"greeting": "Hai"}, by)
        else:
            with pytest.raises(Refused, match="installation_state"):
                getattr(stale, verb)(late, by)
        late.commit()
    session.refresh(installation)
    assert installation.state is InstallationState.UNINSTALLED


def test_f53_no_bot_is_installed_on_a_number_that_was_given_up_meanwhile(
    engine: Engine, session: Session, owner: User, number: Number
) -> None:
    listing = factories.listing(session)
    session.commit()
    with session_factory(engine)() as late:
        on, by = late.get_one(Number, number.id), late.get_one(User, owner.id)
        assert on.state is NumberState.LIVE
        number.release(session, owner)
        session.commit()
        with pytest.raises(Refused, match="number_not_live"):
            factories.installation(late, on, late.get_one(Listing, listing.id), by)


def test_f52_two_owners_claiming_one_number_leave_one_winner(engine: Engine, session: Session) -> None:
    places = [factories.business(session, factories.user(session)) for _ in range(2)]
    session.commit()
    for turn in range(20):
        start = Barrier(2)

        def claim(place: Business, turn: int = turn, start: Barrier = start) -> str:
            from catalog.models import Waba

            with session_factory(engine)() as mine:
                business = mine.get(Business, place.id)
                assert business is not None
                waba = Waba(business=business, waba_id=f"waba-{turn}")
                mine.add(waba)
                mine.flush()
                start.wait()
                try:
                    Number.claim(mine, business, waba, f"number-{turn}", display_phone_number="+62")
                    mine.commit()
                except Refused as refused:
                    mine.rollback()
                    return refused.key
                return "won"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(claim, places)) == ["errors.number_taken", "won"]


def test_a_number_given_up_while_it_was_being_connected_does_not_come_back(session: Session, owner: User) -> None:
    number = factories.number(session, factories.business(session, owner), state=NumberState.CONNECTING)
    number.release(session, owner)
    session.commit()
    with pytest.raises(Refused, match="number_not_live"):
        number.go_live(session)
    assert number.state is NumberState.RELEASED
