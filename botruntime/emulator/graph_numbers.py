"""``/{phone}`` and its edges but messages and media (Meta: Business phone numbers)."""

import datetime
import secrets

from botruntime.emulator import registration
from botruntime.emulator.errors import GraphError, invalid, status_error
from botruntime.emulator.graph import Call, choose, edge
from botruntime.emulator.records import Json, Number
from botruntime.emulator.schema_values import wrong
from botruntime.emulator.world import World

DEFAULT_FIELDS = (
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "last_onboarded_time",
    "webhook_configuration",
    "id",
)
SYNC_SECONDS = 86400.0
PROFILE_LIMITS = {
    "about": 139,
    "address": 256,
    "description": 512,
    "email": 128,
    "vertical": 60,
    "profile_picture_handle": 4096,
}


def node(world: World, number: Number) -> Json:
    """Every field of a number Graph can show."""
    live = number.registered or number.on_biz_app
    moment = datetime.datetime.fromtimestamp(number.onboarded_at, datetime.UTC)
    return {
        "id": number.id,
        "display_phone_number": registration.display(number.digits),
        "verified_name": number.verified_name,
        "status": number.status,
        "quality_rating": number.quality if live else "UNKNOWN",
        "code_verification_status": "VERIFIED" if number.verified else "NOT_VERIFIED",
        "name_status": number.name_status,
        "platform_type": "CLOUD_API" if live else "NOT_APPLICABLE",
        "throughput": {"level": "HIGH" if number.mps > 80 else "STANDARD" if live else "NOT_APPLICABLE"},
        "account_mode": number.mode,
        "is_on_biz_app": number.on_biz_app,
        "is_pin_enabled": number.pin is not None,
        "is_official_business_account": False,
        "last_onboarded_time": moment.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "webhook_configuration": configuration(world, number),
        "whatsapp_business_manager_messaging_limit": "TIER_250",
        "messaging_limit_tier": "TIER_250",
        "username": number.username,
        "health_status": health(world, number),
    }


def configuration(world: World, number: Number) -> Json:
    """Which callback hears of this number, on every level that has one."""
    waba = world.wabas[number.waba_id].subscribed.get(world.settings.app_id, {})
    found = {"application": world.app_subscription().get("callback_url", "")}
    if waba.get("override_callback_uri"):
        found["whatsapp_business_account"] = waba["override_callback_uri"]
    if number.override.get("override_callback_uri"):
        found["phone_number"] = number.override["override_callback_uri"]
    return found


def health(world: World, number: Number) -> Json:
    """``health_status``: what stands between the number and sending."""
    waba = world.wabas[number.waba_id]
    phone: Json = {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"}
    if not (number.registered or number.on_biz_app):
        problem = {
            "error_code": 141000,
            "error_description": "The phone number is not registered.",
            "possible_solution": "Register the phone number.",
        }
        phone |= {"can_send_message": "BLOCKED", "errors": [problem]}
    elif number.name_status != "APPROVED":
        phone |= {"can_send_message": "LIMITED", "additional_info": ["Display name not approved yet"]}
    account: Json = {"entity_type": "WABA", "id": waba.id, "can_send_message": "AVAILABLE"}
    if waba.restricted or not (waba.payment and number.payment):
        why = "The account is restricted." if waba.restricted else "There is no payment method."
        problem = {
            "error_code": 141006 if not waba.restricted else 141010,
            "error_description": why,
            "possible_solution": "Open WhatsApp Manager.",
        }
        account |= {"can_send_message": "BLOCKED", "errors": [problem]}
    others: list[Json] = [
        {"entity_type": "BUSINESS", "id": waba.portfolio_id, "can_send_message": "AVAILABLE"},
        {"entity_type": "APP", "id": world.settings.app_id, "can_send_message": "AVAILABLE"},
    ]
    states = [phone["can_send_message"], account["can_send_message"]]
    worst = next((state for state in ("BLOCKED", "LIMITED") if state in states), "AVAILABLE")
    return {"can_send_message": worst, "entities": [phone, account, *others]}


@edge("number", "", "GET")
def show(call: Call) -> Json:
    """The number's state."""
    return choose(call, "WhatsAppBusinessPhoneNumber", node(call.world, call.node), DEFAULT_FIELDS)


@edge("number", "", "POST")
def update(call: Call) -> Json:
    """Set the webhook override or change the PIN."""
    number: Number = call.node
    if "webhook_configuration" in call.params:
        wished = call.params["webhook_configuration"]
        if not isinstance(wished, dict):
            raise invalid("Param webhook_configuration must be an object")
        if wished.get("override_callback_uri") and not call.handshake_ok:
            raise GraphError(2200, message="(#2200) Callback verification failed", status=400)
        number.override = {key: wished[key] for key in ("override_callback_uri",) if wished.get(key)}
    elif "pin" in call.params:
        if not registration.is_pin(call.params["pin"]):
            raise invalid("Param pin must be a string of exactly 6 digits")
        number.pin = call.params["pin"]
        value = {"display_phone_number": number.digits, "event": "PIN_CHANGED"}
        call.platform.webhooks.emit(number.waba_id, "security", value)
    else:
        raise invalid("Nothing to change: give webhook_configuration or pin")
    call.world.numbers.put(number)
    return {"success": True}


@edge("number", "register", "POST")
def register(call: Call) -> Json:
    """Put the number on the Cloud API."""
    if call.params.get("messaging_product") != "whatsapp":
        raise invalid("The parameter messaging_product is required.")
    registration.register(call.world, call.node, call.params.get("pin"), call.params.get("data_localization_region"))
    return {"success": True}


@edge("number", "deregister", "POST")
def deregister(call: Call) -> Json:
    """Take the number off the Cloud API."""
    registration.deregister(call.world, call.node)
    return {"success": True}


@edge("number", "request_code", "POST")
def request_code(call: Call) -> Json:
    """Ask for the code that proves the number is ours."""
    if call.params.get("code_method") not in {"SMS", "VOICE"} or not call.params.get("language"):
        raise invalid("Params code_method (SMS or VOICE) and language are required")
    registration.request_code(call.world, call.node)
    return {"success": True}


@edge("number", "verify_code", "POST")
def verify_code(call: Call) -> Json:
    """Give the code back."""
    registration.verify_code(call.world, call.node, call.params.get("code"))
    return {"success": True}


@edge("number", "whatsapp_business_profile", "GET")
def show_profile(call: Call) -> Json:
    """The profile people see."""
    return {"data": [{"messaging_product": "whatsapp", **call.node.profile}]}


@edge("number", "whatsapp_business_profile", "POST")
def update_profile(call: Call) -> Json:
    """Change the profile; texts over their limit are 131009."""
    number: Number = call.node
    for key, longest in PROFILE_LIMITS.items():
        if key in call.params and len(str(call.params[key])) > longest:
            raise wrong(f"{key} may have at most {longest} characters")
    websites = call.params.get("websites", [])
    if not isinstance(websites, list) or len(websites) > 2:
        raise wrong("websites must be a list of at most 2 addresses")
    allowed = {*PROFILE_LIMITS, "websites"}
    number.profile |= {key: value for key, value in call.params.items() if key in allowed}
    call.world.numbers.put(number)
    call.world.tell("state")
    return {"success": True}


@edge("number", "conversational_automation", "POST")
def automation(call: Call) -> Json:
    """Ice breakers and slash commands; the phone offers them, they arrive as text."""
    prompts, commands = call.params.get("prompts", []), call.params.get("commands", [])
    if len(prompts) > 4 or any(len(str(prompt)) > 80 for prompt in prompts):
        raise wrong("at most 4 prompts of 80 characters")
    for command in commands:
        if len(str(command.get("command_name", ""))) > 32 or len(str(command.get("command_description", ""))) > 256:
            raise wrong("a command has at most 32 characters, its description 256")
    if len(commands) > 30:
        raise wrong("at most 30 commands")
    call.node.automation = {"prompts": prompts, "commands": commands}
    call.world.numbers.put(call.node)
    call.world.tell("state")
    return {"success": True}


@edge("number", "conversational_automation", "GET")
def show_automation(call: Call) -> Json:
    """What is set."""
    return {"conversational_automation": call.node.automation, "id": call.node.id}


@edge("number", "block_users", "POST", "DELETE", "GET")
def block(call: Call) -> Json:
    """Block people who wrote in the last 24 hours, unblock them, list them."""
    number, world = call.node, call.world
    portfolio_id = world.portfolio_of(number)
    if call.method == "GET":
        rows = [world.identity(world.people[person_id], portfolio_id) for person_id in number.blocked]
        return {
            "data": [
                {"messaging_product": "whatsapp", "user_id": row.bsuid, **({"wa_id": row.wa_id} if row.wa_id else {})}
                for row in rows
            ]
        }
    done, failed = [], []
    for item in call.params.get("block_users", []):
        name = str(item.get("user") or item.get("user_id"))
        person = world.people.find(name)
        chat = world.chats.get(f"{number.id}:{person.id}") if person else None
        if person is None or chat is None or chat.last_in_at < world.now() - 86400:
            failed.append({"input": name})
            continue
        done.append({"input": name, "user_id": world.people.bsuid(person, portfolio_id)})
        number.blocked = [known for known in number.blocked if known != person.id]
        number.blocked += [person.id] if call.method == "POST" else []
    world.numbers.put(number)
    if failed and not done:
        raise GraphError(139100)
    verb = "added_users" if call.method == "POST" else "removed_users"
    return {"messaging_product": "whatsapp", "block_users": {verb: done, "failed_users": failed}}


@edge("number", "message_qrdls", "GET", "POST")
def qr_codes(call: Call) -> Json:
    """Short links with a prefilled message."""
    if call.method == "GET":
        return {"data": list(call.node.qr_codes.values())}
    words = str(call.params.get("prefilled_message", ""))
    if not 0 < len(words) <= 140:
        raise wrong("prefilled_message must have 1 to 140 characters")
    code = str(call.params.get("code") or secrets.token_hex(7).upper())
    call.node.qr_codes[code] = {
        "code": code,
        "prefilled_message": words,
        "deep_link_url": f"https://wa.me/message/{code}",
    }
    call.world.numbers.put(call.node)
    return dict(call.node.qr_codes[code])


@edge("number", "smb_app_data", "POST")
def sync(call: Call) -> Json:
    """Once each within 24 hours of a coexistence signup: contacts, then history (Meta: Coexistence)."""
    number, kind = call.node, call.params.get("sync_type")
    if kind not in {"smb_app_state_sync", "history"} or not number.on_biz_app:
        raise invalid("sync_type must be smb_app_state_sync or history, for a number on the WhatsApp Business app")
    if kind in number.synced or call.world.now() > number.onboarded_at + SYNC_SECONDS:
        raise GraphError(2593108)
    number.synced.append(kind)
    call.world.numbers.put(number)
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.digits, "phone_number_id": number.id},
    }
    if kind == "history" and not number.shares_history:
        value["history"] = [{"errors": [status_error(2593109)]}]
    elif kind == "history":
        value["history"] = [{"metadata": {"phase": 0, "chunk_order": 1, "progress": 100}, "threads": []}]
    else:
        known = [person for person in call.world.people if person.phone_visible]
        stamp = {"timestamp": str(int(call.world.now()))}
        value["state_sync"] = [
            {
                "type": "contact",
                "action": "add",
                "metadata": stamp,
                "contact": {"full_name": person.name, "first_name": person.name, "phone_number": person.phone},
            }
            for person in known
        ]
    call.platform.webhooks.emit(number.waba_id, str(kind), value, number_id=number.id)
    return {"messaging_product": "whatsapp", "request_id": secrets.token_hex(8)}


@edge("number", "username", "GET", "POST", "DELETE")
def username(call: Call) -> Json:
    """The business's own username."""
    number = call.node
    if not number.registered:
        raise GraphError(133010)
    if call.method == "GET":
        return {"username": number.username, "status": "approved"} if number.username else {}
    wished = str(call.params.get("username", "")) if call.method == "POST" else None
    if wished is not None and (not 3 <= len(wished) <= 35 or wished.startswith("www") or ".." in wished):
        raise wrong("username must have 3 to 35 characters of a-z, 0-9, dot and underscore")
    if wished is not None and any(other.username == wished and other.id != number.id for other in call.world.numbers):
        raise GraphError(147001)
    number.username = wished
    call.world.numbers.put(number)
    return {"status": "approved"} if wished else {"success": True}
