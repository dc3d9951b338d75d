"""Control: what Meta and owners do to an account, fault switches, and what tests look at."""

from flask import request

from botruntime.emulator import acts, templates
from botruntime.emulator.control import Refusal, body, control, need, number, person, platform, unit, waba
from botruntime.emulator.mails import mail_row
from botruntime.emulator.payloads import contact, metadata
from botruntime.emulator.records import Json


@control.post("/revoke_grant")
@unit
def revoke_grant() -> Json:
    """The owner takes the app out."""
    given = body()
    acts.revoke_grant(platform(), waba(given), bool(given.get("webhook", True)))
    return {"revoked": True}


@control.post("/restrict")
@unit
def restrict() -> Json:
    """Meta restricts, bans or reinstates."""
    given = body()
    kind = given.get("kind", "RESTRICTED_BIZ_INITIATED_MESSAGING")
    if kind is not None and not isinstance(kind, str):
        raise Refusal(400, "'kind' must be a restriction type, DISABLE, REINSTATE or null")
    acts.restrict(platform(), waba(given), kind, float(given.get("days", 3)))
    return {"restricted": kind}


@control.post("/quality")
@unit
def quality() -> Json:
    """A new quality rating."""
    given = body()
    rating = need(given, "quality")
    if rating not in {"GREEN", "YELLOW", "RED"}:
        raise Refusal(400, "'quality' must be GREEN, YELLOW or RED")
    acts.quality(platform(), number(given), rating, given.get("event"), given.get("current_limit"))
    return {"quality": rating}


@control.post("/templates/<verb>")
@unit
def judge(verb: str) -> Json:
    """Approve, reject, pause or disable a message template."""
    given, world = body(), platform().world
    if verb not in acts.VERBS:
        raise Refusal(404, f"templates can be: {', '.join(acts.VERBS)}")
    found = world.templates.get(str(given.get("id", "")))
    if found is None and "name" in given:
        owner = waba(given)
        languages = [given["language"]] if given.get("language") else ["id", "en", "en_US"]
        found = next(
            (row for language in languages if (row := templates.find(world, owner, given["name"], language))), None
        )
    if found is None:
        raise Refusal(404, "there is no such message template")
    acts.judge(platform(), found, verb, given.get("reason"))
    return {"id": found.id, "status": found.status}


@control.post("/disconnect")
@unit
def disconnect() -> Json:
    """Coexistence ends in the app."""
    given = body()
    acts.disconnect(platform(), number(given), str(given.get("reason", "ACCOUNT_DISCONNECTED")))
    return {"disconnected": True}


@control.post("/preference")
@unit
def preference() -> Json:
    """A person stops or resumes marketing messages."""
    given, world = body(), platform().world
    there, who, value = number(given), person(given), need(given, "value")
    if value not in {"stop", "resume"}:
        raise Refusal(400, "'value' must be stop or resume")
    who.opted_out = value == "stop"
    world.people.save(who)
    identity = world.identity(who, world.portfolio_of(there))
    row: Json = {
        "user_id": identity.bsuid,
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(world.now()),
    }
    if identity.wa_id:
        row["wa_id"] = identity.wa_id
    told = {
        "messaging_product": "whatsapp",
        "metadata": metadata(there),
        "contacts": [contact(identity)],
        "user_preferences": [row],
    }
    platform().webhooks.emit(there.waba_id, "user_preferences", told, number_id=there.id)
    return {"opted_out": who.opted_out}


@control.post("/webhook")
@unit
def webhook() -> Json:
    """Any update, as it is."""
    given = body()
    entry_id = str(given.get("entry_id") or platform().settings.provider_portfolio_id)
    platform().webhooks.raw({"entry_id": entry_id, "field": need(given, "field"), "value": given.get("value")})
    return {"sent": True}


@control.get("/faults")
@control.post("/faults")
@control.delete("/faults")
@unit
def faults() -> Json:
    """The fault switches."""
    switches = platform().world.faults
    if request.method == "POST":
        try:
            switches.merge(body())
        except ValueError as unknown:
            raise Refusal(400, str(unknown)) from None
    elif request.method == "DELETE":
        switches.clear()
    if request.method != "GET":
        platform().world.tell("state")
    return {"faults": switches.all()}


@control.get("/requests")
def requests() -> Json:
    """Every Graph call."""
    part, since = request.args.get("path", ""), request.args.get("since", "0")
    after = float(since) if since.replace(".", "", 1).isdigit() else 0.0
    return {"requests": [row for row in list(platform().requests) if part in row["path"] and row["at"] >= after]}


@control.get("/deliveries")
def deliveries() -> Json:
    """Every webhook attempt."""
    with platform().world.unit():
        pending = len(platform().world.deliveries)
    return {"deliveries": list(platform().deliverer.log), "pending": pending}


@control.post("/retry")
def retry() -> Json:
    """Post now what waits for its retry."""
    with platform().world.unit():
        return {"retried": platform().deliverer.retry_now()}


@control.post("/settle")
def settle() -> Json:
    """Wait until no webhook is under way."""
    timeout = body().get("timeout", 5)
    return {"settled": platform().deliverer.settle(float(timeout) if isinstance(timeout, int | float) else 5.0)}


@control.get("/mails")
@unit
def mails() -> Json:
    """The mails, newest first."""
    to = request.args.get("to", "").lower()
    rows = [mail_row(mail) for mail in platform().world.mails if not to or to in mail.to]
    return {"mails": rows[::-1]}
