"""Embedded Signup v4: what the dialog tells the opener at its end (Meta: Embedded Signup, implementation)."""

from botruntime.emulator.records import Json, Number, Waba
from botruntime.emulator.world import World

TYPE = "WA_EMBEDDED_SIGNUP"
VERSION = 3
COEXISTENCE = "whatsapp_business_app_onboarding"
FOREIGN_WABA = "720000000099999"


def event(world: World, waba: Waba, number: Number | None, extras: Json) -> Json:
    """The success message; which event and which ids depends on the way through the dialog."""
    data: Json = {"waba_id": waba.id, "business_id": waba.portfolio_id}
    forged = world.faults.take("forged_waba_id")
    if forged:
        others = [row.id for row in world.wabas if row.portfolio_id != waba.portfolio_id]
        data["waba_id"] = str(forged) if not isinstance(forged, bool) else (others or [FOREIGN_WABA])[0]
    if extras.get("featureType") == COEXISTENCE or (number is not None and number.on_biz_app):
        return _message("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", {"waba_id": data["waba_id"]})
    if number is None:
        return _message("FINISH_ONLY_WABA", data)
    full: Json = {
        "phone_number_id": number.id,
        **data,
        "ad_account_ids": [],
        "page_ids": [],
        "dataset_ids": [],
        "catalog_ids": [],
        "instagram_account_ids": [],
    }
    features = extras.get("features") if isinstance(extras.get("features"), list) else []
    only = any(isinstance(row, dict) and row.get("name") == "app_only_install" for row in features or [])
    return _message("FINISH_GRANT_ONLY_API_ACCESS" if only else "FINISH", full)


def cancelled(step: str) -> Json:
    """The message of somebody who left before the end."""
    return _message("CANCEL", {"current_step": step})


def reported(message: str, code: int, session_id: str, at: float) -> Json:
    """The message of somebody who reported an error."""
    data = {"error_message": message, "error_code": str(code), "session_id": session_id, "timestamp": str(int(at))}
    return _message("CANCEL", data)


def _message(name: str, data: Json) -> Json:
    return {"type": TYPE, "event": name, "version": VERSION, "data": data}
