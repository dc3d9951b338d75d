"""What Meta and owners do to an account: take the app out, restrict, judge quality and message templates."""

import datetime

from botruntime.emulator import tokens
from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Grant, Json, Number, Portfolio, Template, Waba

VERBS = {"approve": "APPROVED", "reject": "REJECTED", "pause": "PAUSED", "disable": "DISABLED"}


def new_number(platform: Platform, given: Json) -> Number:
    """A number with what it stands on; missing portfolio and WABA are made."""
    world = platform.world
    name = str(given.get("verified_name") or "Toko Contoh")
    waba = world.wabas.get(given.get("waba_id"))
    if waba is None:
        portfolio = world.portfolios.get(given.get("portfolio_id"))
        portfolio = portfolio or world.portfolios.put(Portfolio(world.new_id("portfolio"), name))
        waba = world.wabas.put(Waba(world.new_id("waba"), portfolio.id, name, world.now()))
    number_id = world.new_id("number")
    digits = "".join(filter(str.isdigit, str(given.get("display_phone_number") or ""))) or f"62811{number_id[-8:]}"
    number = Number(number_id, waba.id, digits, name, verified=bool(given.get("verified", True)))
    number.onboarded_at, number.mps = world.now(), int(given.get("mps", 80))
    if given.get("coexistence"):
        stay_on_app(number)
    world.numbers.put(number)
    world.tell("state")
    return number


def stay_on_app(number: Number) -> None:
    """Coexistence: the number is usable at once and stays on the WhatsApp Business app."""
    number.on_biz_app, number.verified, number.status = True, True, "CONNECTED"


def connect(platform: Platform, number: Number) -> str:
    """Everything the signup and the server half of onboarding would do; the business token."""
    world = platform.world
    waba = world.wabas[number.waba_id]
    grant = tokens.grant_access(world, waba.portfolio_id, waba.id)
    waba.subscribed[world.settings.app_id] = {}
    world.wabas.put(waba)
    number.verified = True
    if not number.on_biz_app:
        number.registered, number.pin, number.status = True, "000000", "CONNECTED"
    world.numbers.put(number)
    return tokens.new_token(world, grant).id


def finish_signup(platform: Platform, waba: Waba, number: Number | None) -> Grant:
    """The owner granted access: tell the app, as Meta does, whether or not the browser ever comes back."""
    world = platform.world
    grant = tokens.grant_access(world, waba.portfolio_id, waba.id)
    if number is not None:
        number.onboarded_at = world.now()
        world.numbers.put(number)
    info = {"waba_id": waba.id, "owner_business_id": waba.portfolio_id}
    installed = info | {"partner_app_id": world.settings.app_id}
    platform.webhooks.emit(waba.id, "account_update", {"event": "PARTNER_ADDED", "waba_info": info}, own=True)
    platform.webhooks.emit(
        waba.id, "account_update", {"event": "PARTNER_APP_INSTALLED", "waba_info": installed}, own=True
    )
    world.tell("state")
    return grant


def revoke_grant(platform: Platform, waba: Waba, webhook: bool = True, extra: Json | None = None) -> None:
    """The owner takes the app out of a WABA; the tokens of a portfolio without any WABA left are dead."""
    world = platform.world
    grant = world.grants.get(waba.portfolio_id)
    if grant is not None:
        grant.waba_ids = [waba_id for waba_id in grant.waba_ids if waba_id != waba.id]
        world.grants.put(grant)
    waba.subscribed.pop(world.settings.app_id, None)
    world.wabas.put(waba)
    world.tell("state")
    if not webhook:
        return
    info = {"waba_id": waba.id, "owner_business_id": waba.portfolio_id}
    gone = {"event": "PARTNER_APP_UNINSTALLED", "waba_info": info | {"partner_app_id": world.settings.app_id}}
    platform.webhooks.emit(waba.id, "account_update", gone, own=True)
    removed = {"event": "PARTNER_REMOVED", "waba_info": info, **(extra or {})}
    platform.webhooks.emit(waba.id, "account_update", removed, own=True)


def restrict(platform: Platform, waba: Waba, kind: str | None, days: float) -> None:
    """Restrict or ban an account, or lift it (None, or REINSTATE)."""
    world = platform.world
    waba.restricted = None if kind in {None, "REINSTATE"} else kind
    world.wabas.put(waba)
    until = int(world.now() + days * 86400)
    if kind in {"DISABLE", "REINSTATE", "SCHEDULE_FOR_DISABLE"}:
        date = datetime.datetime.fromtimestamp(world.now(), datetime.UTC).strftime("%B %d, %Y")
        value: Json = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": kind, "waba_ban_date": date}}
    else:
        info = [{"restriction_type": kind, "expiration": until}] if kind else []
        value = {"event": "ACCOUNT_RESTRICTION", "restriction_info": info}
    platform.webhooks.emit(waba.id, "account_update", value)
    world.tell("state")


def quality(platform: Platform, number: Number, rating: str, event: str | None, limit: str | None) -> None:
    """A new quality rating."""
    before, number.quality = number.quality, rating
    platform.world.numbers.put(number)
    worse = ("GREEN", "YELLOW", "RED").index(rating) > ("GREEN", "YELLOW", "RED").index(before)
    value = {
        "display_phone_number": number.digits,
        "event": event or ("FLAGGED" if worse else "UNFLAGGED"),
        "current_limit": limit or "TIER_250",
    }
    platform.webhooks.emit(number.waba_id, "phone_number_quality_update", value)
    platform.world.tell("state")


def judge(platform: Platform, template: Template, verb: str, reason: str | None) -> None:
    """Approve, reject, pause or disable a message template."""
    template.status = VERBS[verb]
    template.reason = reason or ("INVALID_FORMAT" if verb == "reject" else "NONE")
    platform.world.templates.put(template)
    value: Json = {
        "event": template.status,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": template.reason,
    }
    if verb == "pause":
        value["other_info"] = {"title": "FIRST_PAUSE", "description": "Paused for 3 hours because of low quality."}
    if verb == "disable":
        value["disable_info"] = {"disable_date": int(platform.world.now())}
    platform.webhooks.emit(template.waba_id, "message_template_status_update", value)
    platform.world.tell("state")


def disconnect(platform: Platform, number: Number, reason: str) -> None:
    """The owner ends coexistence in the app."""
    world = platform.world
    number.on_biz_app, number.status = False, "DISCONNECTED"
    world.numbers.put(number)
    by = "SYSTEM" if reason.endswith("INACTIVITY") else "USER"
    extra = {"disconnection_info": {"reason": reason, "initiated_by": by}}
    revoke_grant(platform, world.wabas[number.waba_id], extra=extra)
