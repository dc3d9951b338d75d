"""What the page tells Meta's SDK and dialog. Addresses and ids come from the settings only.

Meta: Embedded Signup, "Implementation" and "Pre-filling screens".
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from catalog.models import Business, User
from marketplace.config import Config

# The owner goes on using the number in the WhatsApp Business app.
COEXISTENCE = "whatsapp_business_app_onboarding"
LOCALES = {"id": "id_ID", "en": "en_US"}


def popup(config: Config, business: Business, user: User, language: str) -> dict[str, Any]:
    """For ``static/js/numbers``: the SDK's address, the exact origins its messages may come from, its arguments."""
    return {
        "sdk": sdk_url(config, language),
        "origins": list(config.fb_dialog_origins),
        "init": {"appId": config.meta_app_id, "autoLogAppEvents": True, "xfbml": True, "version": config.graph_version},
        "login": {
            "config_id": config.meta_config_id,
            "response_type": "code",
            "override_default_response_type": True,
            "extras": extras(business, user),
        },
        "coexistence": COEXISTENCE,
    }


def extras(business: Business, user: User, *, is_coexistence: bool = False) -> dict[str, Any]:
    """Prefill and variant. Prefill skips no screen: the owner sees and may change all of it."""
    setup = {"business": {"name": business.name, "email": user.email, "timezone": _offset(business.zone)}}
    feature = {"featureType": COEXISTENCE} if is_coexistence else {}
    return {"setup": setup, "sessionInfoVersion": "3", **feature}


def sdk_url(config: Config, language: str) -> str:
    """The SDK in the reader's language, where the address names one."""
    return config.fb_sdk_url.replace("/en_US/", f"/{LOCALES.get(language, 'en_US')}/")


def content_sources(config: Config) -> dict[str, tuple[str, ...]]:
    """What the connect page's policy must allow beyond the house, for ``catalog.web.headers.allow``."""
    sdk, dialog = _origin(config.fb_sdk_url), _origin(config.fb_dialog_url)
    meta = tuple(sorted({dialog, *config.fb_dialog_origins}))
    return {
        "script_src": (sdk,),
        "connect_src": tuple(sorted({sdk, *meta})),
        "frame_src": meta,
        # A browser checks where a form's answer redirects to as well.
        "form_action": (dialog,),
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _offset(zone: str) -> str:
    """``UTC+07:00``, as Meta wants it."""
    shown = datetime.now(ZoneInfo(zone)).strftime("%z")
    return f"UTC{shown[:3]}:{shown[3:]}"
