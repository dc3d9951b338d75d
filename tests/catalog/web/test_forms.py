"""Forms: what is typed is tidied, what is wrong is named, and compound fields are read back."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, PasswordField, SelectField, StringField, TextAreaField

from catalog.web import checks, forms
from catalog.web.checks import Optional, Required, between, email, equal_to, length, phone
from catalog.web.forms import BaseForm, form_errors, rows, rows_action, tidy, tidy_text, weekly_hours
from catalog.web.language import lazy


class Sample(BaseForm):
    """One field of each kind."""

    name = StringField(lazy("design.f.name"), [Required(), length(least=2, most=10)])
    address = StringField(lazy("design.f.email"), [Optional(), email])
    mobile = StringField(lazy("design.f.phone"), [Optional(), phone])
    seats = IntegerField(lazy("design.f.price"), [Optional(), between(1, 12)])
    zone = SelectField(lazy("design.f.zone"), choices=[("wib", "WIB")], validators=[Optional()])
    note = TextAreaField(lazy("design.f.greeting"))
    password = PasswordField(lazy("design.f.password"))
    again = PasswordField(lazy("design.f.password"), [equal_to("password")])
    agree = BooleanField(lazy("design.f.agree"), [Required()])


@pytest.fixture
def reads(app: Flask):
    return lambda language="id": app.test_request_context("/", headers={"Accept-Language": language})


def filled(**given: str) -> Sample:
    return Sample(MultiDict({"name": "Melati", "agree": "y", "zone": "wib", **given}))


def test_a_right_form_is_valid_and_tidied(reads) -> None:
    with reads():
        form = filled(
            name="  Me\u202elati \t ", address="Sari@Contoh.ID", mobile="0812 3456 7890", seats="12", note="a\r\nb\x00 "
        )
        assert form.validate(), form.errors
        assert form.name.data == "Melati"
        assert form.address.data == "Sari@contoh.id"
        assert form.mobile.data == "+6281234567890"
        assert form.note.data == "a\nb"


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"name": "  "}, "name", "Bagian ini belum diisi."),
        ({"name": "a"}, "name", "Terlalu pendek: minimal 2 karakter."),
        ({"name": "abcdefghijk"}, "name", "Terlalu panjang: maksimal 10 karakter, sekarang 11."),
        ({"address": "sari"}, "address", "Ini belum berupa alamat email. Contoh: nama@usaha.co.id."),
        ({"mobile": "12"}, "mobile", "Nomor ini belum benar. Tulis misalnya 0812-3456-7890 atau +62 812-3456-7890."),
        ({"seats": "dua"}, "seats", "Isi dengan angka bulat, misalnya 15000."),
        ({"seats": "13"}, "seats", "Isi antara 1 dan 12."),
        ({"zone": "utc"}, "zone", "Pilih salah satu dari daftar."),
        ({"password": "a", "again": "b"}, "again", "Isinya belum sama dengan Kata sandi."),
    ],
)
def test_what_is_wrong_is_said_in_our_words(reads, given: dict[str, str], field: str, sentence: str) -> None:
    with reads():
        form = filled(**given)
        assert not form.validate()
        assert form.errors == {field: [sentence]}
        assert (field, str(form[field].label.text), sentence) in form_errors(form)


def test_the_words_follow_the_reader(reads) -> None:
    with reads("en"):
        form = Sample(MultiDict())
        assert not form.validate()
        assert form.errors["name"] == ["This has not been filled in yet."]
        assert form.errors["agree"] == ["This has not been filled in yet."]


def test_a_password_is_taken_as_it_is_typed(reads) -> None:
    with reads():
        form = filled(password="  lorong \u00e9 ", again="  lorong \u00e9 ")
        assert form.validate()
        assert form.password.data == "  lorong \u00e9 "


@pytest.mark.parametrize(("least", "most", "words"), [(5, None, "Minimal 5."), (None, 5, "Maksimal 5.")])
def test_a_range_may_be_open(reads, least: int | None, most: int | None, words: str) -> None:
    class Open(BaseForm):
        seats = IntegerField("x", [checks.between(least, most)])

    with reads():
        form = Open(MultiDict({"seats": "4" if least else "6"}))
        assert not form.validate()
        assert form.errors == {"seats": [words]}


def test_a009_hidden_and_piled_up_characters_are_removed() -> None:
    assert tidy("bot\u200b\u202eantrian\ufeff") == "botantrian"
    assert len(tidy("a" + "\u0301" * 10_000) or "") <= 4
    assert tidy_text("👩\u200d🌾 satu\r\n\x07dua") == "👩\u200d🌾 satu\ndua"
    assert tidy(None) is None


def test_weekly_hours_are_read_back_with_nothing_lost() -> None:
    data = MultiDict(
        {
            "h-mon-0-open": "08:00",
            "h-mon-0-close": "12:00",
            "h-mon-1-open": "13:00",
            "h-mon-1-close": "17:00",
            "h-tue-0-open": "09:00",
            "h-tue-0-close": "",
            "h-sat-0-open": "18:00",
            "h-sat-0-close": "00:00",
            "h-sun-0-open": "",
            "h-sun-0-close": "",
        }
    )
    assert weekly_hours(data, "h") == {
        "mon": [["08:00", "12:00"], ["13:00", "17:00"]],
        "tue": [["09:00", ""]],
        "sat": [["18:00", "24:00"]],
    }


COLUMNS = [{"key": "q"}, {"key": "on", "kind": "checkbox"}]


def test_rows_are_read_in_order_whatever_their_numbers() -> None:
    data = MultiDict({"faq-7-q": " dua ", "faq-2-q": "satu", "faq-2-on": "1", "faq-x-q": "no", "other-1-q": "no"})
    assert rows(data, "faq", COLUMNS) == [{"q": "satu", "on": True}, {"q": "dua", "on": False}]


def test_rows_are_added_and_removed_without_javascript() -> None:
    listed = [{"q": "satu"}, {"q": "dua"}]
    assert forms.after_action(listed, rows_action(MultiDict({"_rows": "add:faq"})), "faq") == [*listed, {}]
    assert forms.after_action(listed, rows_action(MultiDict({"_rows": "remove:faq:0"})), "faq") == [{"q": "dua"}]
    assert forms.after_action(listed, rows_action(MultiDict({"_rows": "add:faq"})), "other") == listed
    for nonsense in ("", "add:", "remove:faq:x", "drop:faq:1", "remove:faq:²", "remove:faq:" + "9" * 5000):
        assert rows_action(MultiDict({"_rows": nonsense})) is None
