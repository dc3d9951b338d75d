"""A browser for the store's tests: Flask's client, signed in as somebody, that sends forms as browsers do."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from catalog.models import Login, PersonalToken, User
from catalog.web.db import db
from catalog.web.signin import SESSION_KEY

ORIGIN = "http://localhost:8000"


class Visitor:
    """``get`` and ``post`` of a person, or of nobody; ``call`` of a program with the person's token."""

    def __init__(self, app: Flask, user: User | None = None, language: str = "id") -> None:
        self.client = app.test_client()
        self.headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "Accept-Language": language}
        self.token = ""
        if user is not None:
            with app.app_context():
                person = db.session.get_one(User, user.id)
                _login, cookie = Login.start(db.session(), person)
                _row, self.token = PersonalToken.issue(db.session(), person, "tests")
                db.session.commit()
            with self.client.session_transaction(base_url=ORIGIN) as kept:
                kept[SESSION_KEY] = cookie

    def get(self, path: str, **query: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, query_string=query or None, base_url=ORIGIN, headers=self.headers)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data=fields, base_url=ORIGIN, headers=self.headers)

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        """Call the API with the person's token."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.open(f"/api/v1{path}", method=method, json=body, base_url=ORIGIN, headers=headers)
