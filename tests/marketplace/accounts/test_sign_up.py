"""From nobody to an account with a proven address."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Login, Notice, User
from catalog.models import user as people
from marketplace import throttle
from tests import factories
from tests.marketplace import outbox
from tests.marketplace.visiting import Visitor

FORM = {"name": "Sari Dewi", "email": "sari@example.com", "password": "hujan turun di pasar"}


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def user(session: Session, email: str = FORM["email"]) -> User:
    session.expire_all()
    found = User.by_email(session, email)
    assert found is not None
    return found


def test_a_new_account_is_proven_by_its_mail_and_is_in(visitor: Visitor, session: Session) -> None:
    sent = visitor.post("/sign-up", **FORM)
    assert (sent.status_code, sent.location) == (303, "/sign-up/sent")
    assert FORM["email"] in visitor.get("/sign-up/sent").text
    assert user(session).email_verified_at is None
    link = outbox.path(session, FORM["email"])
    assert "password" not in visitor.get(link).text
    answer = visitor.post(link)
    assert (answer.status_code, answer.location) == (303, "/home")
    assert visitor.get("/home").status_code == 200
    assert user(session).email_verified_at is not None


def test_opening_the_link_proves_nothing_by_itself(visitor: Visitor, session: Session) -> None:
    visitor.post("/sign-up", **FORM)
    link = outbox.path(session, FORM["email"])
    for _ in range(2):
        assert visitor.get(link).status_code == 200
    assert user(session).email_verified_at is None


def test_another_browser_must_know_the_password(app: Flask, visitor: Visitor, session: Session) -> None:
    visitor.post("/sign-up", **FORM)
    phone, link = Visitor(app), outbox.path(session, FORM["email"])
    assert 'name="password"' in phone.get(link).text
    wrong = phone.post(link, password="bukan kata sandinya")
    assert wrong.status_code == 422
    assert "tidak cocok" in wrong.text
    assert user(session).email_verified_at is None
    assert phone.post(link, password=FORM["password"]).location == "/home"


def test_a_stranger_who_signed_up_with_my_address_does_not_get_in(
    app: Flask, visitor: Visitor, session: Session
) -> None:
    stranger = Visitor(app)
    stranger.post("/sign-up", **{**FORM, "password": "punya orang asing 9"})
    old_link = outbox.path(session, FORM["email"])
    visitor.post("/sign-up", **FORM)
    assert visitor.get(old_link).status_code == 404
    link = outbox.path(session, FORM["email"])
    assert stranger.post(link).status_code == 422
    assert visitor.post(link).status_code == 303
    assert stranger.post("/sign-in", email=FORM["email"], password="punya orang asing 9").status_code == 422


def test_the_link_works_once_and_for_three_days(visitor: Visitor, session: Session) -> None:
    visitor.post("/sign-up", **FORM)
    link = outbox.path(session, FORM["email"])
    clock.advance(session, 3 * 24 * 3600 + 1)
    session.commit()
    late = visitor.get(link)
    assert late.status_code == 404
    assert "/verification" in late.text
    visitor.post("/verification", email=FORM["email"])
    fresh = outbox.path(session, FORM["email"])
    assert visitor.post(fresh).status_code == 303
    assert visitor.get(fresh).status_code == 404


def test_a_mailed_link_leads_on_to_where_the_person_was_going(visitor: Visitor, session: Session) -> None:
    visitor.post("/sign-up", **FORM, next="/account/tokens")
    link = outbox.path(session, FORM["email"])
    page = visitor.get(link).text
    assert 'name="next" value="/account/tokens"' in page
    assert visitor.post(link, next="/account/tokens").location == "/account/tokens"


def test_a044_a_known_address_is_answered_like_a_new_one(app: Flask, session: Session) -> None:
    known = factories.user(session, "Ada@example.com", name="Ada")
    session.commit()
    before = known.password_hash
    first, second = Visitor(app), Visitor(app)
    one = first.post("/sign-up", **{**FORM, "email": "ada@example.com"})
    two = second.post("/sign-up", **{**FORM, "email": "new@example.com"})
    assert (one.status_code, one.location, one.data) == (two.status_code, two.location, two.data)
    pages = [v.get("/sign-up/sent").text.replace(e, "") for v, e in ((first, "ada@"), (second, "new@"))]
    assert pages[0] == pages[1]
    assert outbox.kinds(session, "Ada@example.com") == ["already_registered"]
    session.refresh(known)
    assert (known.name, known.password_hash) == ("Ada", before)


def test_a044_signing_up_hashes_once_whether_or_not_the_address_is_known(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing is what takes the time; what is left between the two is smoothed by ``throttle.evenly``, see below."""
    factories.user(session, "ada@example.com")
    session.commit()
    real, hashed = people._hasher, []
    counting = SimpleNamespace(
        hash=lambda password: hashed.append("new") or real.hash(password),
        verify=lambda encoded, password: hashed.append("known") or real.verify(encoded, password),
        check_needs_rehash=real.check_needs_rehash,
    )
    monkeypatch.setattr(people, "_hasher", counting)
    for address in ("ada@example.com", "new@example.com"):
        assert Visitor(app).post("/sign-up", **{**FORM, "email": address}).status_code == 303
    assert hashed == ["known", "new"]


def test_a044_short_work_is_stretched_to_one_length() -> None:
    for work in (0.0, 0.05):
        began = time.monotonic()
        with throttle.evenly():
            time.sleep(work)
        assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "belum diisi"),
        ("name", "x" * 81, "maksimal 80"),
        ("email", "bukan-email", "nama@usaha.co.id"),
        ("email", "a@b@c", "nama@usaha.co.id"),
        ("password", "pendek", "minimal 8"),
        ("password", "", "belum diisi"),
    ],
)
def test_a_mistake_is_named_and_nothing_else_is_lost(
    visitor: Visitor, session: Session, field: str, value: str, sentence: str
) -> None:
    answer = visitor.post("/sign-up", **{**FORM, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    for kept in {"name", "email"} - {field}:
        assert FORM[kept] in answer.text
    assert FORM["password"] not in answer.text
    assert session.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.parametrize(
    "password",
    ["password1", "12345678", "qwertyuiop", "iloveyou1", "sayangku123", "indonesia1", "bismillah", "sari@example.com",
     "saridewi", "aaaaaaaa", "abcd1234", "pasarbot1", "football99", "Passw0rd!"],
)  # fmt: skip
def test_a045_what_others_guess_first_is_refused(visitor: Visitor, password: str) -> None:
    answer = visitor.post("/sign-up", **{**FORM, "password": password})
    assert answer.status_code == 422
    assert "mudah ditebak" in answer.text


@pytest.mark.parametrize(
    "password", ["angin di sawah", "ꦥꦱꦂ ꦏꦺꦴꦛꦺꦴ pagi", "🌧️ hujan 🌾 sawah", " ".join(map(str, range(70))) + " ujung"]
)
def test_a045_long_and_foreign_passwords_are_taken_whole(
    app: Flask, visitor: Visitor, session: Session, password: str
) -> None:
    visitor.post("/sign-up", **{**FORM, "password": password})
    assert visitor.post(outbox.path(session, FORM["email"])).status_code == 303
    other = Visitor(app)
    assert other.post("/sign-in", email=FORM["email"], password=password[:-1]).status_code == 422
    assert other.post("/sign-in", email=FORM["email"], password=password).status_code == 303


def test_a057_fields_nobody_asked_for_are_ignored(visitor: Visitor, session: Session) -> None:
    extra: dict[str, Any] = {"is_staff": "1", "email_verified_at": "2020-01-01", "id": "1", "role": "owner"}
    visitor.post("/sign-up", **FORM, **extra)
    found = user(session)
    assert (found.email_verified_at, found.is_staff, found.memberships) == (None, False, [])


def test_a008_line_breaks_leave_a_name(visitor: Visitor, session: Session) -> None:
    visitor.post("/sign-up", **{**FORM, "name": "Sari\r\nBcc: x@example.com\u202e"})
    assert user(session).name == "Sari Bcc: x@example.com"


def test_a023_sign_ups_from_one_place_are_counted(visitor: Visitor, session: Session) -> None:
    answers = [visitor.post("/sign-up", **{**FORM, "email": f"n{n}@example.com"}) for n in range(16)]
    assert [a.status_code for a in answers] == [303] * 15 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert session.scalar(select(func.count()).select_from(User)) == 15


def test_one_mailbox_is_not_flooded(app: Flask, visitor: Visitor, session: Session) -> None:
    answers = [visitor.post("/verification", email="target@example.com").status_code for _ in range(4)]
    assert answers == [303, 303, 303, 429]
    factories.user(session, "known@example.com", verified=False)
    session.commit()
    answers = [visitor.post("/verification", email="known@example.com").status_code for _ in range(4)]
    assert answers == [303, 303, 303, 429]
    assert session.scalar(select(func.count()).select_from(Notice).where(Notice.email == "known@example.com")) == 3


def test_somebody_signed_in_is_not_asked_to_sign_up(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    at_home = Visitor(app, person)
    assert at_home.get("/sign-up").location == "/home"
    assert at_home.get("/sign-in", next="/account").location == "/account"


def test_nobody_is_signed_in_by_signing_up_alone(visitor: Visitor, session: Session) -> None:
    visitor.post("/sign-up", **FORM)
    assert visitor.get("/home").status_code == 303
    assert session.scalar(select(func.count()).select_from(Login)) == 0


def test_pressing_twice_makes_one_account(app: Flask, session: Session) -> None:
    both = Barrier(2)

    def press(_: int) -> int:
        visitor = Visitor(app)
        both.wait()
        return visitor.post("/sign-up", **FORM).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(press, range(2))) == [303, 303]
    assert session.scalar(select(func.count()).select_from(User)) == 1
