"""``/{waba}``, ``/{portfolio}``, ``/{app}`` and their edges (Meta: WhatsApp Business Accounts, app subscriptions)."""

import re

from botruntime.emulator import graph_numbers, tokens
from botruntime.emulator.errors import GraphError, invalid
from botruntime.emulator.graph import Call, choose, edge, page
from botruntime.emulator.people import digits_of
from botruntime.emulator.records import Json, Meta, Number, Waba
from botruntime.emulator.webhooks import FIELDS

DEFAULT_FIELDS = ("id", "name", "timezone_id", "message_template_namespace")


def node(call: Call, waba: Waba) -> Json:
    """Every field of a WABA Graph can show."""
    portfolio = call.world.portfolios[waba.portfolio_id]
    first = next((row for row in call.world.numbers if row.waba_id == waba.id and not row.deleted_at), None)
    state = "BLOCKED" if waba.restricted or not waba.payment else "AVAILABLE"
    alone = {"can_send_message": state, "entities": [{"entity_type": "WABA", "id": waba.id, "can_send_message": state}]}
    return {
        "id": waba.id,
        "name": waba.name,
        "currency": waba.currency,
        "timezone_id": "66",
        "message_template_namespace": f"ns_{waba.id}",
        "owner_business_info": {"name": portfolio.name, "id": portfolio.id},
        "account_review_status": "APPROVED",
        "business_verification_status": "not_verified",
        "country": "ID",
        "ownership_type": "CLIENT_OWNED",
        "status": "ACTIVE" if waba.restricted != "DISABLE" else "DISABLED",
        "health_status": graph_numbers.health(call.world, first) if first else alone,
    }


@edge("waba", "", "GET")
def show(call: Call) -> Json:
    """The account."""
    return choose(call, "WhatsAppBusinessAccount", node(call, call.node), DEFAULT_FIELDS)


@edge("waba", "phone_numbers", "GET")
def phone_numbers(call: Call) -> Json:
    """The numbers of the account."""
    rows = [row for row in call.world.numbers if row.waba_id == call.node.id and not row.deleted_at]
    default = graph_numbers.DEFAULT_FIELDS
    shown = [choose(call, "WhatsAppBusinessPhoneNumber", graph_numbers.node(call.world, row), default) for row in rows]
    return page(call, shown)


@edge("waba", "phone_numbers", "POST")
def add_number(call: Call) -> Json:
    """A new, unverified number."""
    digits = digits_of(str(call.params.get("cc", ""))) + digits_of(str(call.params.get("phone_number", "")))
    name = str(call.params.get("verified_name", ""))
    if not re.fullmatch(r"\d{8,15}", digits) or not name:
        raise invalid("Params cc, phone_number and verified_name are required")
    if any(row.digits == digits and not row.deleted_at for row in call.world.numbers):
        raise invalid("The phone number is in use already")
    number = Number(
        call.world.new_id("number"), call.node.id, digits, name, verified=False, onboarded_at=call.world.now()
    )
    call.world.numbers.put(number)
    call.world.tell("state")
    return {"id": number.id}


@edge("waba", "subscribed_apps", "POST")
def subscribe(call: Call) -> Json:
    """Let our app hear of this account, at another callback if wished; the callback must pass the handshake."""
    waba, url = call.node, str(call.params.get("override_callback_uri") or "")
    if url and (len(url) > 200 or not call.params.get("verify_token")):
        raise invalid("override_callback_uri has at most 200 characters and needs verify_token")
    if url and not call.handshake_ok:
        raise GraphError(2200, message="(#2200) Callback verification failed", status=400)
    waba.subscribed[call.world.settings.app_id] = {"override_callback_uri": url} if url else {}
    call.world.wabas.put(waba)
    call.world.tell("state")
    return {"success": True}


@edge("waba", "subscribed_apps", "GET")
def subscriptions(call: Call) -> Json:
    """Every app that hears of this account."""
    rows = []
    for app_id, own in call.node.subscribed.items():
        app = {
            "id": app_id,
            "link": f"https://www.facebook.com/games/?app_id={app_id}",
            "name": call.world.settings.app_name,
        }
        rows.append({"whatsapp_business_api_data": app, **own})
    if call.world.faults.take("foreign_app_subscribed"):
        rows.append(
            {
                "whatsapp_business_api_data": {
                    "id": "190000000000001",
                    "name": "Another Provider",
                    "link": "https://www.facebook.com/games/?app_id=190000000000001",
                }
            }
        )
    return {"data": rows}


@edge("waba", "subscribed_apps", "DELETE")
def unsubscribe(call: Call) -> Json:
    """Hear nothing more."""
    call.node.subscribed.pop(call.world.settings.app_id, None)
    call.world.wabas.put(call.node)
    call.world.tell("state")
    return {"success": True}


@edge("portfolio", "", "GET")
def show_portfolio(call: Call) -> Json:
    """The business portfolio."""
    full = {"id": call.node.id, "name": call.node.name, "verification_status": "not_verified"}
    return choose(call, "Business", full, ("id", "name"))


@edge("portfolio", "owned_whatsapp_business_accounts", "GET")
@edge("portfolio", "client_whatsapp_business_accounts", "GET")
def accounts(call: Call) -> Json:
    """The WABAs of a portfolio that are granted to us."""
    grant = call.world.grants.get(call.node.id)
    ids = grant.waba_ids if grant else []
    shown = [
        choose(call, "WhatsAppBusinessAccount", node(call, call.world.wabas[waba_id]), DEFAULT_FIELDS)
        for waba_id in ids
    ]
    return page(call, shown)


@edge("portfolio", "system_user_access_tokens", "POST")
def system_token(call: Call) -> Json:
    """Hosted Embedded Signup: fetch the business token with our own system token."""
    grant = call.world.grants.get(call.node.id)
    if grant is None or not grant.waba_ids:
        raise GraphError(200)
    return {"access_token": tokens.new_token(call.world, grant).id}


@edge("app", "", "GET")
def show_app(call: Call) -> Json:
    """Our app."""
    full = {"id": call.world.settings.app_id, "name": call.world.settings.app_name, "category": "Business"}
    return choose(call, "Application", full, ("id", "name"))


@edge("app", "subscriptions", "GET", "POST", "DELETE")
def app_subscriptions(call: Call) -> Json:
    """The app's own webhook: handshake first, then the fields are kept. Needs the app token."""
    if call.access.grant is not None:
        raise GraphError(10)
    if call.method == "DELETE":
        call.world.meta.put(Meta("app_subscription", {}))
        return {"success": True}
    known = call.world.app_subscription()
    if call.method == "GET":
        shown = [{"name": name, "version": "v25.0"} for name in known.get("fields", [])]
        row = {
            "object": "whatsapp_business_account",
            "callback_url": known.get("callback_url"),
            "active": True,
            "fields": shown,
        }
        return {"data": [row] if known else []}
    wished = call.params.get("fields", list(FIELDS))
    fields = wished if isinstance(wished, list) else [name.strip() for name in str(wished).split(",")]
    if call.params.get("object") != "whatsapp_business_account" or not call.params.get("callback_url"):
        raise invalid("Params object=whatsapp_business_account and callback_url are required")
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise invalid(f"Unknown fields: {', '.join(unknown)}")
    if not call.handshake_ok:
        raise GraphError(2200, message="(#2200) Callback verification failed", status=400)
    stored = {"callback_url": call.params["callback_url"], "verify_token": call.params.get("verify_token", "")}
    call.world.meta.put(Meta("app_subscription", stored | {"fields": fields}))
    call.world.tell("state")
    return {"success": True}


@edge("system_user", "", "GET")
def me(call: Call) -> Json:
    """Who the token is."""
    return {"id": call.node.user_id, "name": f"{call.world.settings.app_name} system user"}
