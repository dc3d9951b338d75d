"""Codes, business tokens and what they allow (Meta: Facebook Login for Business, Embedded Signup)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from botruntime.emulator.errors import GraphError, bad_token, invalid
from botruntime.emulator.records import Code, Grant, Json, Token
from botruntime.emulator.world import World

CODE_SECONDS = 30.0
TOKEN_SECONDS = 60 * 86400.0
OTHER_REDIRECT = (
    "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the "
    "OAuth dialog request"
)
SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging")


@dataclass(frozen=True)
class Access:
    """Who calls: our app itself (``grant`` None), or a business token under its grant."""

    token: str
    grant: Grant | None


def grant_access(world: World, portfolio_id: str, waba_id: str) -> Grant:
    """The portfolio lets our app act on one more WABA; the newest stands first."""
    grant = world.grants.get(portfolio_id) or Grant(portfolio_id, world.new_id("system_user"), at=world.now())
    grant.waba_ids = [waba_id, *[known for known in grant.waba_ids if known != waba_id]]
    return world.grants.put(grant)


def new_token(world: World, grant: Grant) -> Token:
    """A business token of 60 days."""
    now = world.now()
    return world.tokens.put(Token("EAA" + secrets.token_urlsafe(90), grant.id, now, now + TOKEN_SECONDS))


def new_code(world: World, grant: Grant, redirect_uri: str | None, released: bool = True) -> Code:
    """An authorisation code; ``released`` False while the popup that holds it is still open."""
    faults, now = world.faults, world.now()
    code = Code("AQB" + secrets.token_urlsafe(60), world.settings.app_id, grant.id, redirect_uri)
    code.released_at = now if released else None
    code.expired = bool(faults.take("code_expired"))
    code.used_at = now if faults.take("code_reused") else None
    return world.codes.put(code)


def exchange(world: World, given: Json) -> Json:
    """``/oauth/access_token``: a code lives 30 seconds, works once, and is bound to app and redirect_uri."""
    settings = world.settings
    if given.get("client_id") != settings.app_id:
        raise GraphError(
            101, message="Error validating application. Cannot get application info due to a system error."
        )
    if not hmac.compare_digest(str(given.get("client_secret", "")).encode(), settings.app_secret.encode()):
        raise GraphError(1, message="Error validating client secret.")
    if given.get("grant_type") == "client_credentials":
        return {"access_token": f"{settings.app_id}|{settings.app_secret}", "token_type": "bearer"}
    if not given.get("code"):
        raise invalid("Missing authorization code")
    code = world.codes.get(str(given["code"]))
    if code is None:
        raise GraphError(100, message="Invalid verification code format.", subcode=36007)
    if code.used_at is not None:
        raise GraphError(100, message="This authorization code has been used.", subcode=36009)
    released = code.released_at
    if code.expired or (released is not None and world.now() > released + CODE_SECONDS):
        raise GraphError(100, message="This authorization code has expired.", subcode=36007)
    if (given.get("redirect_uri") or None) != code.redirect_uri:
        raise GraphError(100, message=OTHER_REDIRECT, subcode=36008)
    code.used_at = world.now()
    world.codes.put(code)
    token = new_token(world, world.grants[code.grant_id])
    return {"access_token": token.id, "token_type": "bearer", "expires_in": int(token.until - token.at)}


def authenticate(world: World, token: str, proof: str | None = None) -> Access:
    """Who holds this token; GraphError 190 when nobody does any more."""
    settings = world.settings
    if not token:
        raise bad_token("An access token is required to request this resource.")
    if proof is not None:
        wanted = hmac.new(settings.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, proof):
            raise invalid("Invalid appsecret_proof provided in the API argument")
    if "|" in token:
        if hmac.compare_digest(token.encode(), f"{settings.app_id}|{settings.app_secret}".encode()):
            return Access(token, None)
        raise bad_token("Invalid OAuth access token signature.")
    row = world.tokens.get(token)
    if row is None:
        raise bad_token("Invalid OAuth access token - Cannot parse access token")
    if world.faults.take("token_expired") or row.until <= world.now():
        raise bad_token("Error validating access token: Session has expired.", 463)
    if world.faults.take("token_revoked") or not is_alive(world, row):
        raise bad_token("Error validating access token: The business has removed the app.", 458)
    return Access(token, world.grants[row.grant_id])


def is_alive(world: World, token: Token) -> bool:
    """Whether the grant behind a token still stands."""
    grant = world.grants.get(token.grant_id)
    return not token.revoked and grant is not None and bool(grant.waba_ids)


def inspect(world: World, token: str) -> Json:
    """The ``data`` of ``/debug_token``."""
    settings = world.settings
    row = world.tokens.get(token)
    if row is None:
        reason = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"error": reason, "is_valid": False, "scopes": []}
    found: Json = {"app_id": settings.app_id, "type": "SYSTEM_USER", "application": settings.app_name}
    found |= {"data_access_expires_at": 0, "expires_at": int(row.until), "issued_at": int(row.at)}
    grant = world.grants.get(row.grant_id)
    if not is_alive(world, row) or row.until <= world.now() or grant is None:
        reason = {"code": 190, "message": "Error validating access token", "subcode": 458}
        return found | {"is_valid": False, "error": reason, "scopes": []}
    granular = [{"scope": scope, "target_ids": list(grant.waba_ids)} for scope in SCOPES]
    scopes = [*SCOPES, "public_profile"]
    return found | {"is_valid": True, "scopes": scopes, "granular_scopes": granular, "user_id": grant.user_id}
