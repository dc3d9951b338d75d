"""The check's browser does with a page what a person without JavaScript can do."""

import pytest

from scripts.browser import Form, Page, Unexpected

HTML = """
<a href="/listings/tanya?x=1">TANYA</a><script>var hidden = "no";</script>
<form action="/sign-up" method="post" id="main">
  <input type="hidden" name="next" value="/a&amp;b"><input name="email" type="email">
  <input type="checkbox" name="agree" value="yes"><input type="checkbox" name="news" checked>
  <input type="radio" name="how" value="new" checked><input type="radio" name="how" value="app">
  <select name="zone"><option value="a">A</option><option value="b" selected>B</option></select>
  <select name="first"><option value="x">X</option><option value="y">Y</option></select>
  <textarea name="note">
two
lines</textarea>
  <input name="off" disabled value="1">
  <button name="act" value="go">Lanjut <b>saja</b></button>
</form>
<input form="main" name="late" value="z"><p>Halo dunia</p>
"""


@pytest.fixture
def page() -> Page:
    return Page("http://localhost:1/here", 200, HTML)


def sent(form: Form, **values: str) -> dict[str, str]:
    return dict(form.filled(values))


def test_a_form_is_sent_as_it_stands(page: Page) -> None:
    form = page.form(lambda form: "email" in form.names, "sign up")
    assert (form.action, form.method) == ("http://localhost:1/sign-up", "post")
    assert sent(form) == {
        "next": "/a&b",
        "email": "",
        "news": "on",
        "how": "new",
        "zone": "b",
        "first": "x",
        "note": "two\nlines",
        "late": "z",
    }
    assert form.buttons == [("act", "go", "Lanjut saja")]
    assert form.choices["how"] == ["new", "app"]


def test_what_is_typed_replaces_what_stood(page: Page) -> None:
    assert sent(page.forms[0], how="app", agree="yes")["how"] == "app"
    assert [name for name, _ in page.forms[0].filled({"how": "app"})].count("how") == 1


def test_a_field_that_is_not_there_cannot_be_filled(page: Page) -> None:
    for name in ("off", "unknown"):
        with pytest.raises(Unexpected, match=name):
            page.forms[0].filled({name: "x"})


def test_links_and_words_are_found_and_scripts_are_not_read(page: Page) -> None:
    assert page.link("/listings/tanya") == "http://localhost:1/listings/tanya?x=1"
    assert "Halo dunia" in page.text
    assert "hidden" not in page.text
    with pytest.raises(Unexpected, match="no link to /install"):
        page.link("/install")
    with pytest.raises(Unexpected, match="no form to pay"):
        page.form(lambda form: "card" in form.names, "pay")
