"""The house's short pages."""

import pytest
from flask import Flask

from catalog import texts
from marketplace.blueprints.pages import PAGES
from tests.marketplace.visiting import Visitor


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_complete_in_both_languages(app: Flask, name: str, language: str) -> None:
    answer = Visitor(app, language=language).get(f"/{name}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    for section in PAGES[name]:
        assert texts.text(language, f"pages.{name}.{section}.title") in answer.text
    assert "{contact}" not in answer.text


@pytest.mark.parametrize("name", ["about", "privacy", "terms"])
def test_every_page_says_whom_to_ask(app: Flask, name: str) -> None:
    assert "halo@pasarbot.test" in Visitor(app).get(f"/{name}").text
