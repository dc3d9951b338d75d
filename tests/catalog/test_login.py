"""Sign-ins are rows."""

import pytest
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Login, Purpose, Ticket, User


@pytest.fixture
def user(session: Session) -> User:
    user = User(email="Owner@Klinik.test", name="Owner")
    user.set_password("a long enough passphrase")
    session.add(user)
    session.flush()
    return user


def test_a_token_finds_its_login_and_the_row_keeps_only_a_digest(session: Session, user: User) -> None:
    login, token = Login.start(session, user)
    session.flush()
    assert Login.by_token(session, token) is login
    assert token not in login.token_digest


def test_a050_a_copied_token_is_dead_after_sign_out(session: Session, user: User) -> None:
    login, token = Login.start(session, user)
    session.flush()
    login.end(session)
    session.flush()
    assert Login.by_token(session, token) is None


def test_a054_signing_out_everywhere_keeps_only_this_browser(session: Session, user: User) -> None:
    here, my_token = Login.start(session, user)
    _there, other = Login.start(session, user)
    session.flush()
    Login.end_all(session, user, but=here)
    assert Login.by_token(session, my_token) is here
    assert Login.by_token(session, other) is None


@pytest.mark.parametrize(("days", "alive"), [(13, True), (15, False)])
def test_a052_an_idle_login_ends(session: Session, user: User, days: int, alive: bool) -> None:
    _login, token = Login.start(session, user)
    session.flush()
    clock.advance(session, days * 86_400)
    session.flush()
    assert (Login.by_token(session, token) is not None) is alive


def test_a_login_in_daily_use_ends_after_ninety_days(session: Session, user: User) -> None:
    _login, token = Login.start(session, user)
    session.flush()
    for _ in range(9):
        clock.advance(session, 10 * 86_400)
        session.flush()
        alive = Login.by_token(session, token)
        session.flush()
    assert alive is None


def test_addresses_are_compared_without_case(session: Session, user: User) -> None:
    assert User.by_email(session, " owner@klinik.TEST ") is user


def test_a045_every_character_of_a_long_password_counts(session: Session, user: User) -> None:
    user.set_password("x" * 100 + "a")
    assert user.has_password("x" * 100 + "a")
    assert not user.has_password("x" * 100 + "b")


def test_a046_a_reset_ticket_works_once_for_its_purpose_and_address(session: Session, user: User) -> None:
    first = Ticket.issue(session, user, Purpose.RESET_PASSWORD)
    token = Ticket.issue(session, user, Purpose.RESET_PASSWORD)
    session.flush()
    assert Ticket.find(session, first, Purpose.RESET_PASSWORD) is None
    assert Ticket.find(session, token, Purpose.VERIFY_EMAIL) is None
    ticket = Ticket.find(session, token, Purpose.RESET_PASSWORD)
    assert ticket is not None
    assert ticket.use(session)
    assert not ticket.use(session)
    assert Ticket.find(session, token, Purpose.RESET_PASSWORD) is None


def test_a046_a_ticket_dies_with_the_address_and_with_time(session: Session, user: User) -> None:
    token = Ticket.issue(session, user, Purpose.RESET_PASSWORD)
    session.flush()
    user.email = "new@klinik.test"
    session.flush()
    assert Ticket.find(session, token, Purpose.RESET_PASSWORD) is None
    user.email = "Owner@Klinik.test"
    session.flush()
    clock.advance(session, 3601)
    session.flush()
    assert Ticket.find(session, token, Purpose.RESET_PASSWORD) is None
