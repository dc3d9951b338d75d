"""The walk through the signup dialog: which step follows which, what each one needs, how it ends."""

import re
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from botruntime.emulator import acts, registration, signup, tokens
from botruntime.emulator.errors import GraphError
from botruntime.emulator.people import digits_of
from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Grant, Json, Number, Portfolio, Signup, Waba

# What Meta calls the screen somebody left on.
CURRENT_STEP = {
    "login": "BUSINESS_ACCOUNT_SELECTION",
    "portfolio": "BUSINESS_ACCOUNT_SELECTION",
    "waba": "WABA_PHONE_PROFILE_PICKER",
    "number": "PHONE_NUMBER_SETUP",
    "profile": "WHATSAPP_BUSINESS_PROFILE_SETUP",
    "otp": "PHONE_NUMBER_VERIFICATION",
    "app": "PHONE_NUMBER_VERIFICATION",
    "permissions": "PERMISSIONS",
}
PLACE = {
    "login": 1,
    "portfolio": 2,
    "waba": 3,
    "number": 4,
    "profile": 4,
    "otp": 5,
    "app": 5,
    "permissions": 6,
    "finish": 7,
}
BACK = {
    "portfolio": "login",
    "waba": "portfolio",
    "number": "waba",
    "profile": "number",
    "otp": "number",
    "app": "number",
    "permissions": "number",
}
REPORTED = ("Something went wrong while setting up the WhatsApp Business Account.", 524126)
Form = Mapping[str, str]


class Mistake(ValueError):
    """The form cannot be taken; the text is a key of ``emulator.mistake``."""


class Walk:
    """One person's way through the dialog; all calls under the world's lock."""

    def __init__(self, platform: Platform, record: Signup) -> None:
        self.platform = platform
        self.world = platform.world
        self.record = record

    @property
    def coexists(self) -> bool:
        """Whether the number stays on the WhatsApp Business app."""
        return bool(self.extras.get("featureType") == signup.COEXISTENCE)

    @property
    def extras(self) -> Json:
        """The ``extras`` the dialog was opened with."""
        found = self.record.ask.get("extras")
        return found if isinstance(found, dict) else {}

    @property
    def setup(self) -> Json:
        """Prefill values (Meta: Embedded Signup, pre-filling screens)."""
        found = self.extras.get("setup")
        return found if isinstance(found, dict) else {}

    @property
    def is_popup(self) -> bool:
        """Whether the end is told to an opener rather than by a redirect."""
        return bool(self.record.ask.get("display") == "popup")

    def number(self) -> Number | None:
        """The chosen number, if any."""
        return self.world.numbers.get(self.record.number_id)

    def waba(self) -> Waba | None:
        """The chosen WABA, if any."""
        return self.world.wabas.get(self.record.waba_id)

    def portfolios(self) -> list[Portfolio]:
        """What the signed-in person may choose from."""
        login = self.world.logins.get(self.record.login_id)
        return [
            row
            for portfolio_id in (login.portfolio_ids if login else [])
            if (row := self.world.portfolios.get(portfolio_id))
        ]

    def wabas(self) -> list[Waba]:
        """The accounts of the chosen portfolio."""
        return [row for row in self.world.wabas if row.portfolio_id == self.record.portfolio_id]

    def numbers(self) -> list[Number]:
        """The numbers of the chosen account."""
        return [row for row in self.world.numbers if row.waba_id == self.record.waba_id and not row.deleted_at]

    def submit(self, form: Form) -> None:
        """Take one form: a way out, a step back, or the answer to the current step."""
        action, step = form.get("action", "next"), self.record.step
        self.record.draft = {key: value[:200] for key, value in form.items() if key not in {"action", "step"}}
        if step == "done" or form.get("step", step) != step:  # an old page was sent again
            return self._keep()
        if action == "cancel" and step in CURRENT_STEP:
            return self._leave(signup.cancelled(CURRENT_STEP[step]))
        if action == "report" and step in CURRENT_STEP:
            session = secrets.token_hex(8)
            return self._leave(signup.reported(*REPORTED, session, self.world.now()))
        if action == "back" and step in BACK:
            return self._go(BACK[step])
        try:
            self._go(self._steps()[step](form))
        except Mistake as mistake:
            self.record.draft["mistake"] = str(mistake)
            self._keep()
        return None

    def closing(self) -> Json:
        """What the page of the final step needs to count as success when its window is just closed."""
        waba = self.waba()
        if waba is None:
            return {}
        if "code" not in self.record.outcome:
            grant = tokens.grant_access(self.world, waba.portfolio_id, waba.id)
            code = tokens.new_code(self.world, grant, None, released=False)
            self.record.outcome = {"code": code.id, "event": self._event(waba), "plan": self._plan()}
            self._keep()
        return self.record.outcome

    def release(self) -> None:
        """The final page was closed: the code's 30 seconds begin, and Meta tells of the new client."""
        code = self.world.codes.get(self.record.outcome.get("code"))
        if self.record.step == "finish" and code is not None and code.released_at is None:
            code.released_at = self.world.now()
            self.world.codes.put(code)
            self._granted()
            self._go("done")

    def redirect_target(self) -> str:
        """Where the redirect variant ends: ``code`` or ``error``, with ``state``."""
        outcome, ask = self.record.outcome, self.record.ask
        if outcome.get("code"):
            answer = {"code": outcome["code"]}
        else:
            answer = {
                "error": "access_denied",
                "error_code": "200",
                "error_reason": "user_denied",
                "error_description": "Permissions error",
            }
        if ask.get("state"):
            answer["state"] = ask["state"]
        separator = "&" if urlsplit(ask["redirect_uri"]).query else "?"
        return f"{ask['redirect_uri']}{separator}{urlencode(answer)}"

    def _steps(self) -> dict[str, Callable[[Form], str]]:
        return {
            "login": self._login,
            "portfolio": self._portfolio,
            "waba": self._waba,
            "number": self._number,
            "profile": self._profile,
            "otp": self._otp,
            "app": self._app,
            "permissions": self._permissions,
            "finish": self._finish,
        }

    def _login(self, form: Form) -> str:
        login = self.world.logins.get(form.get("login"))
        if login is None:
            raise Mistake("choose")
        self.record.login_id = login.id
        return "portfolio"

    def _portfolio(self, form: Form) -> str:
        chosen, name = form.get("portfolio", ""), form.get("name", "").strip()
        if chosen == "new":
            if not 2 <= len(name) <= 100:
                raise Mistake("portfolio_name")
            made = self.world.portfolios.put(Portfolio(self.world.new_id("portfolio"), name))
            login = self.world.logins[str(self.record.login_id)]
            login.portfolio_ids.append(made.id)
            self.world.logins.put(login)
            chosen = made.id
        elif chosen not in {row.id for row in self.portfolios()}:
            raise Mistake("choose")
        self.record.portfolio_id = chosen
        return "waba"

    def _waba(self, form: Form) -> str:
        chosen, name = form.get("waba", ""), form.get("name", "").strip()
        if chosen == "new":
            if not 2 <= len(name) <= 100:
                raise Mistake("waba_name")
            made = Waba(self.world.new_id("waba"), str(self.record.portfolio_id), name, self.world.now())
            chosen = self.world.wabas.put(made).id
        elif chosen not in {row.id for row in self.wabas()}:
            raise Mistake("choose")
        self.record.waba_id = chosen
        return "number"

    def _number(self, form: Form) -> str:
        chosen = form.get("number", "")
        if chosen == "none" and not self.coexists:
            self.record.number_id = None
            return "permissions"
        if chosen == "new":
            digits = digits_of(form.get("phone", ""))
            digits = "62" + digits[1:] if digits.startswith("0") else digits
            if not re.fullmatch(r"[1-9]\d{9,14}", digits):
                raise Mistake("phone")
            if registration.holder(self.world, digits) is not None:
                raise Mistake("phone_taken")
            self.record.draft["digits"] = digits
            return "profile"
        found = next((row for row in self.numbers() if row.id == chosen), None)
        if found is None:
            raise Mistake("choose")
        if self.coexists and found.registered:
            raise Mistake("registered")
        self.record.number_id = found.id
        return self._after_number(found)

    def _profile(self, form: Form) -> str:
        name, digits = form.get("name", "").strip(), form.get("digits", "")
        self.record.draft["digits"] = digits
        if not 3 <= len(name) <= 75:
            raise Mistake("display_name")
        if not digits.isdigit() or registration.holder(self.world, digits) is not None:
            raise Mistake("phone_taken")
        made = Number(self.world.new_id("number"), str(self.record.waba_id), digits, name, verified=False)
        made.onboarded_at = self.world.now()
        self.world.numbers.put(made)
        self.world.tell("state")
        self.record.number_id = made.id
        return self._after_number(made)

    def _after_number(self, number: Number) -> str:
        if self.coexists:
            return "app"
        if number.verified:
            return "permissions"
        registration.request_code(self.world, number)
        return "otp"

    def _otp(self, form: Form) -> str:
        number = self.world.numbers[str(self.record.number_id)]
        if form.get("action") == "again":
            registration.request_code(self.world, number)
            return "otp"
        if form.get("action") == "skip":  # version 4 lets people finish with an unverified number
            return "permissions"
        try:
            registration.verify_code(self.world, number, form.get("code"))
        except GraphError:
            raise Mistake("otp") from None
        return "permissions"

    def _app(self, form: Form) -> str:
        if not form.get("confirmed"):
            raise Mistake("app")
        number = self.world.numbers[str(self.record.number_id)]
        number.shares_history = bool(form.get("history"))
        self.world.numbers.put(number)
        return "permissions"

    def _permissions(self, _form: Form) -> str:
        self.record.outcome = {}
        return "finish"

    def _finish(self, _form: Form) -> str:
        waba = self.waba()
        if waba is None:
            raise Mistake("choose")
        grant = self._granted()
        minted = self.world.codes.get(self.record.outcome.get("code"))
        if minted is not None:  # the page of this step holds it already, for the case that its window is closed
            minted.released_at = self.world.now()
            self.world.codes.put(minted)
            return "done"
        uri = None if self.is_popup else self.record.ask["redirect_uri"]
        code = tokens.new_code(self.world, grant, uri)
        self.record.outcome = {"code": code.id, "event": self._event(waba), "plan": self._plan()}
        return "done"

    def _plan(self) -> Json:
        faults = self.world.faults
        return {
            "event_first": bool(faults.take("event_before_code")),
            "event_missing": bool(faults.take("event_missing")),
            "forged_origin": bool(faults.take("forged_origin")),
        }

    def _event(self, waba: Waba) -> Json:
        number = self.number()
        return signup.event(self.world, waba, number, self.extras)

    def _granted(self) -> Grant:
        waba, number = self.world.wabas[str(self.record.waba_id)], self.number()
        if self.coexists and number is not None:
            acts.stay_on_app(number)
            self.world.numbers.put(number)
        return acts.finish_signup(self.platform, waba, number)

    def _leave(self, event: Json) -> None:
        self.record.outcome = {"event": event}
        self._go("done")

    def _go(self, step: str) -> None:
        self.record.step = step
        self._keep()

    def _keep(self) -> None:
        self.world.signups.put(self.record)
