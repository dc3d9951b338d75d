"""The store's settings. With ``botruntime/config.py`` the only place that reads the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from flask import current_app

from catalog import settings
from catalog.settings import Reader, SettingError, Shared

EXTENSION = "marketplace.config"
MAIL_SCHEMES = ("smtp://", "smtps://", "http://", "https://")
# Meta: Embedded Signup, "Implementation": the SDK's address and the origins its messages come from.
SDK_URL = "https://connect.facebook.net/en_US/sdk.js"
DIALOG_HOST = "https://www.facebook.com"
DIALOG_ORIGINS = "https://www.facebook.com,https://web.facebook.com,https://business.facebook.com"


@dataclass(frozen=True)
class Config(Shared):
    """What the store needs beside the shared settings."""

    meta_config_id: str
    fb_sdk_url: str
    fb_dialog_url: str
    fb_dialog_origins: tuple[str, ...]
    mail_url: str
    mail_from: str
    chat_url: str

    def chat(self, phone: str | None) -> str:
        """The address that opens a chat with ``phone``; empty where there is no number to see."""
        digits = re.sub(r"\D", "", phone or "")
        return self.chat_url.replace("{phone}", digits) if digits else ""


def read(values: Mapping[str, str]) -> Config:
    """The settings in ``values``. Raises ``SettingError`` naming the first that is missing or wrong."""
    reader = Reader(values)
    common = settings.shared(reader)
    mail_url = reader.text("MAIL_URL")
    if not mail_url.startswith(MAIL_SCHEMES):
        raise SettingError(f"MAIL_URL must begin with one of {', '.join(MAIL_SCHEMES)}")
    return Config(
        **{field.name: getattr(common, field.name) for field in fields(common)},
        meta_config_id=reader.text("META_CONFIG_ID"),
        fb_sdk_url=reader.text("FB_SDK_URL", SDK_URL),
        fb_dialog_url=reader.text("FB_DIALOG_URL", f"{DIALOG_HOST}/{common.graph_version}/dialog/oauth"),
        fb_dialog_origins=reader.list("FB_DIALOG_ORIGINS", DIALOG_ORIGINS),
        mail_url=mail_url,
        mail_from=reader.text("MAIL_FROM"),
        chat_url=reader.text("CHAT_URL", "https://wa.me/{phone}"),
    )


def load() -> Config:
    """The settings of this process."""
    return read(os.environ)


def current() -> Config:
    """The settings of the app that serves this request."""
    config: Config = current_app.extensions[EXTENSION]
    return config
