"""A token, a code and a PIN are nowhere but sealed in their rows (attack A073)."""

import logging

import pytest
import redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.models import Connection
from marketplace.config import Config
from tests.marketplace.numbers.desk import Desk, is_live
from tests.marketplace.numbers.emulating import Emulator


def database(session: Session) -> str:
    """Every row of every table, as text."""
    session.rollback()
    tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    return "\n".join(
        str(row) for table in tables for row in session.scalars(text(f'SELECT t::text FROM public."{table}" t')).all()
    )


def queue(redis_url: str) -> str:
    """Every key of Valkey with its value."""
    with redis.Redis.from_url(redis_url) as valkey:
        return "\n".join(f"{key!r} {valkey.dump(key)!r}" for key in valkey.keys("*"))


def token_of(connection: Connection, settings: Config) -> str:
    """The token, opened as only the store can."""
    if connection.token:
        return settings.sealer.open(connection.token, row=connection.token_row)
    assert connection.waba is not None
    return connection.waba.open_token(settings.sealer) or ""


def test_a073_no_secret_leaves_its_seal(
    desk: Desk,
    emulator: Emulator,
    settings: Config,
    redis_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", {"pin": "482913"}, "PATCH")
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    desk.report(connection, signup["code"], signup["event"])
    connection = desk.connection(connection.code)
    secrets = [signup["code"], token_of(connection, settings), settings.meta_app_secret]
    waiting = queue(redis_url)
    assert str(connection.code) in waiting, "the job carries the connection's code and nothing else"
    emulator.faults(throttle=4)
    connection = desk.work(connection)
    emulator.faults(throttle=None)
    connection.next_try_at = connection.created_at
    desk.session.commit()
    connection = desk.work(connection)
    assert connection.error == "numbers.errors.pin_needed"
    number = desk.number(made["phone_number_id"])
    assert number is not None
    secrets.append(number.ensure_pin(settings.sealer))
    emulator.control("clock", {"advance": 5})
    desk.post(f"/connections/{connection.code}/pin", data={"pin": "482913"})
    connection = desk.work(connection)
    assert is_live(connection)
    secrets.append("482913")
    desk.page(connection)
    for path in ("/numbers", f"/numbers/{number.code}", f"/businesses/{desk.business.code}/numbers/new"):
        desk.get(path)
    said = capfd.readouterr()
    places = {
        "answers": "\n".join(desk.seen),
        "log": caplog.text + said.out + said.err,
        "database": database(desk.session),
        "queue": waiting + queue(redis_url),
    }
    found = [f"{place}: {secret[:6]}…" for place, whole in places.items() for secret in secrets if secret in whole]
    assert found == []
