"""Settings of the store."""

from pathlib import Path

import pytest

from catalog.settings import SettingError
from marketplace import config


def test_settings_are_read_from_a_mapping(environment: dict[str, str]) -> None:
    read = config.read(environment)
    assert read.mail_from == environment["MAIL_FROM"]
    assert read.fb_dialog_origins == ("http://localhost:8002",)


def test_a_real_app_needs_no_address_of_facebook(environment: dict[str, str]) -> None:
    for name in ("FB_SDK_URL", "FB_DIALOG_URL", "FB_DIALOG_ORIGINS"):
        del environment[name]
    read = config.read(environment)
    assert read.fb_dialog_url == "https://www.facebook.com/v25.0/dialog/oauth"
    assert "https://www.facebook.com" in read.fb_dialog_origins


@pytest.mark.parametrize("name", ["META_CONFIG_ID", "MAIL_URL", "MAIL_FROM", "SECRET_KEY", "META_APP_SECRET"])
def test_a082_a_missing_setting_is_named_and_refused(environment: dict[str, str], name: str) -> None:
    del environment[name]
    with pytest.raises(SettingError, match=name):
        config.read(environment)


def test_mail_goes_by_known_wires_only(environment: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="smtps://"):
        config.read({**environment, "MAIL_URL": "gopher://mail"})


def test_a_secret_may_come_from_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "mail"
    secret.write_text("smtps://u:p@mail.example:465\n")
    assert config.read({**environment, "MAIL_URL_FILE": str(secret)}).mail_url == "smtps://u:p@mail.example:465"
