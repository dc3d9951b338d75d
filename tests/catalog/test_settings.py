"""Reading settings."""

from pathlib import Path

import pytest

from catalog.settings import Reader, SettingError, shared


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(SettingError, match="SECRET_KEY is not set"):
        Reader({}).text("SECRET_KEY")


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    assert Reader({"MAIL_URL_FILE": str(file)}).text("MAIL_URL") == "from the file"


@pytest.mark.parametrize(("name", "value"), [("DEMO", "yes"), ("METRICS_ALLOW", "everyone")])
def test_a_wrong_value_says_what_would_be_right(environment: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        shared(Reader({**environment, name: value}))


def test_a082_a_short_secret_key_stops_the_start(environment: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="SECRET_KEY must have"):
        shared(Reader({**environment, "SECRET_KEY": "dev"}))


def test_production_has_no_base_port(environment: dict[str, str]) -> None:
    del environment["BASE_PORT"]
    assert shared(Reader(environment)).base_port is None
