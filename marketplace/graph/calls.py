"""The calls of the control plane, one method each."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.config import Config
from marketplace.graph import wire
from marketplace.graph.errors import GraphError
from marketplace.graph.facts import HEALTH_FIELDS, NUMBER_FIELDS, AppFacts, NumberFacts, TokenFacts

ID = re.compile(r"[0-9]{1,32}", re.ASCII)
SECONDS = 8.0
# A WABA holds 20 numbers unless Meta raised that; four pages of 100 are more than any owner can choose from.
PAGES = 4
APP_STATE, HISTORY = "smb_app_state_sync", "history"


@dataclass(frozen=True)
class Graph:
    """Graph at ``base_url`` for our app. Address, version and app come from the settings, never from a request.

    Every method raises ``GraphError`` and nothing else; ``ValueError`` where an id is not Meta's kind of id.
    """

    base_url: str
    version: str
    app_id: str
    app_secret: str

    @classmethod
    def of(cls, config: Config) -> "Graph":
        """The Graph of the settings."""
        return cls(config.graph_base_url, config.graph_version, config.meta_app_id, config.meta_app_secret)

    def exchange(self, code: str, redirect_uri: str | None = None, seconds: float = SECONDS) -> str:
        """The business token for a code of the dialog, which lives 30 seconds and works once.

        ``redirect_uri`` exactly as the dialog got it; None for the popup. Tries again while time is left and Meta
        says that it could not; after silence it does not, for the code may be used up.
        Meta: Embedded Signup, "Onboard customers", step 1.
        """
        form = {"client_id": self.app_id, "client_secret": self.app_secret, "code": code}
        if redirect_uri is not None:
            form |= {"redirect_uri": redirect_uri, "grant_type": "authorization_code"}
        ends = time.monotonic() + seconds
        while True:
            try:
                return _token(self._send("POST", "oauth/access_token", form=form, seconds=ends - time.monotonic()))
            except GraphError as error:
                if not error.is_transient or error.is_unanswered or time.monotonic() + 1.5 > ends:
                    raise
                time.sleep(0.5)

    def inspect(self, token: str) -> TokenFacts:
        """Whose token it is and what it reaches."""
        answer = self._send(
            "GET", "debug_token", params={"input_token": token}, bearer=f"{self.app_id}|{self.app_secret}"
        )
        return TokenFacts.read(answer)

    def numbers(self, waba_id: str, token: str) -> list[NumberFacts]:
        """The numbers of a WABA. Follows cursors, never an address out of an answer."""
        found: list[NumberFacts] = []
        params = {"fields": NUMBER_FIELDS, "limit": "100"}
        for _ in range(PAGES):
            answer = self._as("GET", f"{_id(waba_id)}/phone_numbers", token, params=params)
            rows = answer.get("data") if isinstance(answer, dict) else None
            found += [NumberFacts.read(row) for row in rows or [] if isinstance(row, dict)]
            after = _next(answer)
            if after is None:
                break
            params = {**params, "after": after}
        return found

    def number(self, phone_number_id: str, token: str) -> NumberFacts:
        """One number with its health."""
        answer = self._as("GET", _id(phone_number_id), token, params={"fields": HEALTH_FIELDS})
        return NumberFacts.read(answer if isinstance(answer, dict) else {})

    def subscribe(self, waba_id: str, token: str) -> None:
        """Hear what happens in the WABA, at the app's own callback. Idempotent."""
        self._as("POST", f"{_id(waba_id)}/subscribed_apps", token)

    def unsubscribe(self, waba_id: str, token: str) -> None:
        """Hear nothing more."""
        self._as("DELETE", f"{_id(waba_id)}/subscribed_apps", token)

    def subscribers(self, waba_id: str, token: str) -> list[AppFacts]:
        """Every app that hears the WABA: another provider's bot may answer too."""
        return AppFacts.read_all(self._as("GET", f"{_id(waba_id)}/subscribed_apps", token))

    def register(self, phone_number_id: str, pin: str, token: str) -> None:
        """Put the number on the Cloud API with its two-step PIN (six digits). Ten calls per number in 72 hours."""
        body = {"messaging_product": "whatsapp", "pin": pin}
        self._as("POST", f"{_id(phone_number_id)}/register", token, body=body)

    def synchronise(self, phone_number_id: str, what: str, token: str) -> None:
        """Coexistence: begin ``APP_STATE`` or ``HISTORY``; once each, within 24 hours of the signup."""
        body = {"messaging_product": "whatsapp", "sync_type": what}
        self._as("POST", f"{_id(phone_number_id)}/smb_app_data", token, body=body)

    def _as(self, method: str, path: str, token: str, **rest: Any) -> Any:
        """A call with a business token, proven to come from the holder of the app secret."""
        proof = hmac.new(self.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        params: Mapping[str, str] = rest.pop("params", {})
        return self._send(method, path, params={**params, "appsecret_proof": proof}, bearer=token, **rest)

    def _send(self, method: str, path: str, *, seconds: float = SECONDS, **rest: Any) -> Any:
        return wire.send(wire.Call(method, f"{self.base_url}/{self.version}/{path}", seconds=seconds, **rest))


def _id(value: str) -> str:
    if not ID.fullmatch(value):
        raise ValueError("not an id of Meta's")
    return value


def _next(answer: Any) -> str | None:
    """The cursor of the next page, where there is one."""
    paging = answer.get("paging") if isinstance(answer, dict) else None
    if not isinstance(paging, dict) or "next" not in paging or not isinstance(paging.get("cursors"), dict):
        return None
    after = paging["cursors"].get("after")
    return after if isinstance(after, str) else None


def _token(answer: Any) -> str:
    """Meta's page shows a bare token, its servers send JSON."""
    token = answer.get("access_token") if isinstance(answer, dict) else answer
    if isinstance(token, str) and token.strip() and (isinstance(answer, dict) or token.strip().startswith("EAA")):
        return token.strip()
    raise GraphError("the answer holds no token")
