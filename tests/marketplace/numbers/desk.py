"""Somebody who connects numbers, at a browser without a window."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalog.models import Business, Connection, ConnectionState, Login, Number, User
from catalog.web.signin import SESSION_KEY
from marketplace.embedded_signup import machine

JSON = {"Accept": "application/json"}


@dataclass
class Desk:
    """A signed-in browser of one person of one business."""

    app: Flask
    session: Session
    user: User
    business: Business
    client: FlaskClient
    seen: list[str] = field(default_factory=list)
    login: Login = field(init=False)

    @classmethod
    def of(cls, app: Flask, session: Session, user: User, business: Business) -> "Desk":
        """Sign ``user`` in."""
        client = app.test_client()
        desk = cls(app, session, user, business, client)
        desk.sign_in()
        return desk

    def sign_in(self) -> None:
        """A fresh login in this browser."""
        self.login, token = Login.start(self.session, self.user)
        self.session.commit()
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie[SESSION_KEY] = token

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page; every body is kept in ``seen``."""
        return self._kept(self.client.get(path, **options))

    def post(self, path: str, **options: Any) -> TestResponse:
        """Send a form or JSON."""
        return self._kept(self.client.post(path, **options))

    def _kept(self, answer: TestResponse) -> TestResponse:
        self.seen.append(answer.get_data(as_text=True) + str(answer.headers))
        return answer

    def begin(self, **given: Any) -> Connection:
        """Press the popup's button."""
        answer = self.post(f"/businesses/{self.business.code}/connections", json=given, headers=JSON)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.json is not None
        return self.connection(answer.json["page"].rpartition("/")[2])

    def report(self, connection: Connection, code: str | None, event: dict[str, Any] | None = None) -> TestResponse:
        """Meta's window is gone."""
        message = {"event": event["event"], "data": event["data"]} if event else None
        body = {"code": code, "message": message}
        return self.post(f"/connections/{connection.code}/report", json=body, headers=JSON)

    def connect(self, signup: dict[str, Any], **given: Any) -> Connection:
        """Begin, report, and let the jobs run."""
        connection = self.begin(**given)
        answer = self.report(connection, signup["code"], signup["event"])
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return self.work(connection)

    def work(self, connection: Connection) -> Connection:
        """What the jobs process would do now."""
        machine.advance(str(connection.code))
        return self.connection(connection.code)

    def connection(self, code: str | UUID) -> Connection:
        """The connection as it is in the database now."""
        self.session.expire_all()
        found = Connection.by_code(self.session, str(code))
        assert found is not None
        return found

    def number(self, phone_number_id: str) -> Number | None:
        """The number as it is in the database now."""
        self.session.expire_all()
        return self.session.scalar(
            select(Number).where(Number.phone_number_id == phone_number_id, Number.business_id == self.business.id)
        )

    def page(self, connection: Connection) -> str:
        """The timeline's text."""
        answer = self.get(f"/connections/{connection.code}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


def is_live(connection: Connection) -> bool:
    """Whether it came to its good end."""
    return connection.state is ConnectionState.LIVE
