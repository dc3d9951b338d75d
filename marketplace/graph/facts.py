"""What Graph says about a token, a number and an app, in the house's words."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Meta: WhatsApp permissions; both are needed, the first carries the WABAs the owner chose.
MANAGEMENT = "whatsapp_business_management"
MESSAGING = "whatsapp_business_messaging"
NEEDED_SCOPES = (MANAGEMENT, MESSAGING)

NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,status,quality_rating,code_verification_status,platform_type,is_on_biz_app"
)
HEALTH_FIELDS = f"{NUMBER_FIELDS},name_status,health_status"
REASONS_KEPT = 5


def _text(value: Any, limit: int = 255) -> str:
    return str(value)[:limit] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


@dataclass(frozen=True)
class TokenFacts:
    """Answer of ``debug_token``: whose token it is and which WABAs it reaches, newest first."""

    app_id: str
    is_valid: bool
    scopes: frozenset[str]
    waba_ids: tuple[str, ...]
    expires_at: datetime | None

    @classmethod
    def read(cls, answer: Any) -> "TokenFacts":
        """Meta: Access tokens, "Debug". ``expires_at`` 0 means never."""
        data = answer.get("data") if isinstance(answer, dict) else None
        data = data if isinstance(data, dict) else {}
        scopes = frozenset(s for s in data.get("scopes") or () if isinstance(s, str))
        targets: dict[str, tuple[str, ...]] = {
            _text(grant.get("scope")): tuple(_text(t) for t in grant.get("target_ids") or ())
            for grant in _dicts(data.get("granular_scopes"))
        }
        expires = data.get("expires_at")
        return cls(
            app_id=_text(data.get("app_id")),
            is_valid=data.get("is_valid") is True,
            scopes=scopes,
            waba_ids=targets.get(MANAGEMENT, ()),
            expires_at=datetime.fromtimestamp(expires, UTC) if isinstance(expires, int) and expires > 0 else None,
        )

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """The permissions the owner left out."""
        return tuple(scope for scope in NEEDED_SCOPES if scope not in self.scopes)


@dataclass(frozen=True)
class NumberFacts:
    """A number as Meta sees it. ``status`` is kept raw: the documented sets differ, only CONNECTED means usable."""

    phone_number_id: str
    display_phone_number: str
    verified_name: str
    status: str
    quality: str
    is_verified: bool
    is_on_cloud_api: bool
    is_on_app: bool
    portfolio_id: str | None = None
    health: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, node: dict[str, Any]) -> "NumberFacts":
        """Meta: Business Phone Numbers, node fields."""
        health = node.get("health_status")
        entities = _dicts(health.get("entities")) if isinstance(health, dict) else []
        return cls(
            phone_number_id=_text(node.get("id"), 64),
            display_phone_number=_text(node.get("display_phone_number"), 32),
            verified_name=_text(node.get("verified_name")),
            status=_text(node.get("status"), 32),
            quality=_text(node.get("quality_rating"), 16),
            is_verified=node.get("code_verification_status") == "VERIFIED",
            is_on_cloud_api=node.get("platform_type") == "CLOUD_API",
            is_on_app=node.get("is_on_biz_app") is True,
            portfolio_id=next((_text(e.get("id"), 64) for e in entities if e.get("entity_type") == "BUSINESS"), None),
            health=_health(node, health, entities) if isinstance(health, dict) else {},
        )

    @property
    def is_connected(self) -> bool:
        """Whether messages flow."""
        return self.status == "CONNECTED"


def _health(node: dict[str, Any], health: dict[str, Any], entities: list[dict[str, Any]]) -> dict[str, Any]:
    """``{"sending": AVAILABLE|LIMITED|BLOCKED, "name": name status, "reasons": [{"of", "code", "text", "way"}]}``."""
    reasons: list[dict[str, Any]] = []
    for entity in entities:
        of = _text(entity.get("entity_type"), 32)
        reasons += [
            {
                "of": of,
                "code": error.get("error_code"),
                "text": _text(error.get("error_description")),
                "way": _text(error.get("possible_solution")),
            }
            for error in _dicts(entity.get("errors"))
        ]
        infos = entity.get("additional_info")
        reasons += [
            {"of": of, "code": None, "text": _text(info), "way": ""}
            for info in (infos if isinstance(infos, list) else [])
        ]
    return {
        "sending": _text(health.get("can_send_message"), 16),
        "name": _text(node.get("name_status"), 32),
        "reasons": reasons[:REASONS_KEPT],
    }


@dataclass(frozen=True)
class AppFacts:
    """An app that hears what happens in a WABA."""

    app_id: str
    name: str

    @classmethod
    def read_all(cls, answer: Any) -> list["AppFacts"]:
        """Meta: WABA, "subscribed_apps"."""
        rows = _dicts(answer.get("data")) if isinstance(answer, dict) else []
        apps = [row.get("whatsapp_business_api_data") for row in rows]
        return [cls(_text(app.get("id"), 64), _text(app.get("name"))) for app in apps if isinstance(app, dict)]
