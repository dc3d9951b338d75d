"""What the page reports once Meta's window is gone. All of it is a claim until the token has proven it.

Meta: Embedded Signup, "Session info logging": events and ``current_step`` values.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.errors import Invalid

ID = r"^[0-9]{1,32}$"
FINISHED_ON_APP = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
STEPS = frozenset(
    {
        "BUSINESS_ACCOUNT_SELECTION",
        "WABA_PHONE_PROFILE_PICKER",
        "WHATSAPP_BUSINESS_PROFILE_SETUP",
        "PHONE_NUMBER_SETUP",
        "PHONE_NUMBER_VERIFICATION",
        "PERMISSIONS",
    }
)
MESSAGE_LIMIT = 200


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")

    waba_id: str | None = Field(default=None, pattern=ID)
    phone_number_id: str | None = Field(default=None, pattern=ID)
    current_step: str | None = Field(default=None, max_length=64)
    error_message: str | None = Field(default=None, max_length=2000)
    error_code: str | int | None = None
    error_id: str | int | None = None
    session_id: str | None = Field(default=None, max_length=200)


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    event: str = Field(max_length=64)
    data: _Data = _Data()


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str | None = Field(default=None, min_length=1, max_length=2048)
    message: _Event | None = None


@dataclass(frozen=True)
class Finished:
    """A code, and what the window says was chosen."""

    code: str
    waba_id: str | None = None
    phone_number_id: str | None = None
    is_coexistence: bool = False


@dataclass(frozen=True)
class Left:
    """No code: ``key`` names the sentence that says where it ended."""

    key: str
    params: dict[str, Any]


def read(body: Any) -> Finished | Left:
    """The page's report, ``{"code": text or null, "message": the event or null}``.

    Raises ``Invalid`` for a body of another shape, among them ids that are not Meta's kind of id.
    """
    try:
        report = _Report.model_validate(body)
    except ValidationError:
        raise Invalid({}, "numbers.errors.bad_report") from None
    data = report.message.data if report.message else _Data()
    event = report.message.event if report.message else ""
    if report.code is not None:
        return Finished(report.code, data.waba_id, data.phone_number_id, event == FINISHED_ON_APP)
    if data.error_message or event == "ERROR":
        return Left("numbers.errors.reported", _reported(data))
    if event.startswith("FINISH"):
        return Left("numbers.errors.no_code", {})
    if data.current_step in STEPS:
        return Left(f"numbers.errors.cancelled_{data.current_step.lower()}", {})
    return Left("numbers.errors.cancelled", {})


def _reported(data: _Data) -> dict[str, Any]:
    number = data.error_code if data.error_code is not None else data.error_id
    return {
        "message": (data.error_message or "?")[:MESSAGE_LIMIT],
        "number": str(number)[:32] if number is not None else "-",
        "case": (data.session_id or "-")[:64],
    }
