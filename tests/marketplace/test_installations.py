"""From a listing to an answering number, and what an owner does afterwards."""

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import seeds, shelving
from catalog.manifest import load
from catalog.models import Installation, InstallationState, Listing, Number, Role, User
from tests import factories
from tests.marketplace.visiting import Visitor

TABLE = """
[[settings]]
key = "faq"
type = "table"
label = { id = "Tanya jawab", en = "Questions" }
max = 5

[[settings.columns]]
key = "topic"
type = "string"
label = { id = "Topik", en = "Topic" }
required = true
max = 8
"""


@dataclass
class Scene:
    """An owner with a live number and a bot on the shelf."""

    owner: User
    number: Number
    listing: Listing

    @property
    def path(self) -> str:
        return f"/listings/{self.listing.slug}/install"


@pytest.fixture
def scene(session: Session) -> Scene:
    owner = factories.user(session)
    number = factories.number(session, factories.business(session, owner))
    listing = factories.listing(session, "satu", name="Bot Satu")
    session.commit()
    return Scene(owner, number, listing)


def agree(visitor: Visitor, scene: Scene, **more: str) -> str:
    """Walk the consent page; the address of the settings form."""
    answer = visitor.post(scene.path, number=str(scene.number.code), agree="1", **more)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def holding(session: Session, number: Number) -> Installation | None:
    session.expire_all()
    return Installation.on(session, session.get_one(Number, number.id))


def test_an_owner_installs_in_two_pages(app: Flask, session: Session, scene: Scene) -> None:
    visitor = Visitor(app, scene.owner)
    form = agree(visitor, scene)
    assert 'value="Halo"' in visitor.get(form).text
    done = visitor.post(form, greeting="Selamat datang")
    assert done.status_code == 303
    installed = holding(session, scene.number)
    assert installed is not None
    assert installed.settings == {"greeting": "Selamat datang"}
    assert installed.consent["permissions"] == ["phone"]
    page = visitor.get(done.headers["Location"]).text
    assert "Bot Satu" in page
    assert "https://wa.me/" + re.sub(r"\D", "", scene.number.display_phone_number) in page


def test_without_consent_nothing_goes_on(app: Flask, session: Session, scene: Scene) -> None:
    answer = Visitor(app, scene.owner).post(scene.path, number=str(scene.number.code))
    assert answer.status_code == 422
    assert "Centang persetujuan" in answer.text
    assert holding(session, scene.number) is None


def test_the_settings_form_cannot_be_reached_without_the_consent_page(
    app: Flask, session: Session, scene: Scene
) -> None:
    visitor = Visitor(app, scene.owner)
    for note in ("", "forged", "a.b.c"):
        answer = visitor.post(f"{scene.path}/settings", note=note, greeting="Halo")
        assert answer.status_code == 303
        assert answer.headers["Location"] == scene.path
    assert holding(session, scene.number) is None


def test_one_owners_consent_is_no_good_for_another(app: Flask, session: Session, scene: Scene) -> None:
    form = agree(Visitor(app, scene.owner), scene)
    stranger = factories.user(session)
    session.commit()
    assert Visitor(app, stranger).post(form, greeting="Halo").headers["Location"] == scene.path
    assert holding(session, scene.number) is None


def test_a_wrong_setting_is_named_and_nothing_else_is_lost(app: Flask, session: Session, scene: Scene) -> None:
    visitor = Visitor(app, scene.owner)
    form = agree(visitor, scene)
    answer = visitor.post(form, greeting="x" * 61)
    assert answer.status_code == 422
    assert "60" in re.sub("x{61}", "", answer.text)
    assert "x" * 61 in answer.text
    assert holding(session, scene.number) is None


def test_a_strangers_number_cannot_be_chosen(app: Flask, session: Session, scene: Scene) -> None:
    foreign = factories.number(session, factories.business(session, factories.user(session)))
    session.commit()
    answer = Visitor(app, scene.owner).post(scene.path, number=str(foreign.code), agree="1")
    assert answer.status_code == 422
    assert "Pilih salah satu nomor" in answer.text


def test_an_agent_cannot_install(app: Flask, session: Session, scene: Scene) -> None:
    agent = factories.member(session, scene.number.business, Role.AGENT)
    session.commit()
    page = Visitor(app, agent).get(scene.path)
    assert str(scene.number.code) not in page.text


def test_another_bot_is_replaced_only_with_the_owners_word(app: Flask, session: Session, scene: Scene) -> None:
    other = factories.listing(session, "dua", name="Bot Dua")
    first = factories.installation(session, scene.number, other, scene.owner)
    session.commit()
    visitor = Visitor(app, scene.owner)
    refused = visitor.post(scene.path, number=str(scene.number.code), agree="1")
    assert refused.status_code == 422
    assert "Bot Dua" in refused.text
    form = agree(visitor, scene, replace="1")
    assert visitor.post(form, greeting="Halo").status_code == 303
    now = holding(session, scene.number)
    assert now is not None
    assert now.bot_id == scene.listing.bot_id
    assert session.get_one(Installation, first.id).state is InstallationState.UNINSTALLED


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("pauses", InstallationState.PAUSED),
        ("uninstallation", InstallationState.UNINSTALLED),
    ],
)
def test_an_owner_pauses_and_uninstalls(
    app: Flask, session: Session, scene: Scene, act: str, state: InstallationState
) -> None:
    row = factories.installation(session, scene.number, scene.listing, scene.owner)
    session.commit()
    visitor = Visitor(app, scene.owner)
    answer = visitor.post(f"/installations/{row.code}/{act}")
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Installation, row.id).state is state
    assert visitor.get(f"/installations/{row.code}").status_code == 200
    again = visitor.post(f"/installations/{row.code}/resumptions")
    assert again.status_code == (303 if state is InstallationState.PAUSED else 409)


def test_new_settings_replace_the_old_and_bad_ones_do_not(app: Flask, session: Session, scene: Scene) -> None:
    row = factories.installation(session, scene.number, scene.listing, scene.owner)
    session.commit()
    visitor = Visitor(app, scene.owner)
    assert visitor.post(f"/installations/{row.code}/settings", greeting="Hai").status_code == 303
    assert visitor.post(f"/installations/{row.code}/settings", greeting="").status_code == 422
    session.expire_all()
    assert session.get_one(Installation, row.id).settings == {"greeting": "Hai"}


def test_an_owner_without_a_business_or_number_is_led_on(app: Flask, session: Session, scene: Scene) -> None:
    newcomer = factories.user(session)
    session.commit()
    assert "/businesses/new" in Visitor(app, newcomer).get(scene.path).text
    place = factories.business(session, newcomer)
    session.commit()
    assert f"/businesses/{place.code}/numbers/new" in Visitor(app, newcomer).get(scene.path).text


def test_the_list_shows_only_the_readers_own(app: Flask, session: Session, scene: Scene) -> None:
    row = factories.installation(session, scene.number, scene.listing, scene.owner)
    stranger = factories.user(session)
    session.commit()
    assert str(row.code) in Visitor(app, scene.owner).get("/installations").text
    assert str(row.code) not in Visitor(app, stranger).get("/installations").text


def test_pressing_install_twice_makes_one_installation(app: Flask, session: Session, scene: Scene) -> None:
    visitor = Visitor(app, scene.owner)
    form = agree(visitor, scene)
    places = {visitor.post(form, greeting="Halo").headers["Location"] for _ in range(3)}
    assert len(places) == 1
    assert len(session.scalars(select(Installation)).all()) == 1


def test_a_wrong_cell_of_a_table_is_named_where_it_stands(app: Flask, session: Session, scene: Scene) -> None:
    seeds.categories(session)
    manifest = factories.MANIFEST.format(slug="tabel", name="Tabel", category="jasa") + TABLE
    shelving.publish_builtin(session, load(manifest.encode()))
    session.commit()
    visitor = Visitor(app, scene.owner)
    answer = visitor.post("/listings/tabel/install", number=str(scene.number.code), agree="1")
    form = answer.headers["Location"]
    rows = {"faq-0-topic": "Buka", "faq-1-topic": "x" * 9, "greeting": "Halo"}
    page = visitor.post(form, **rows)
    assert page.status_code == 422
    cell = page.text.split('id="faq-1-topic"')[1].split('id="faq-NEW')[0]
    assert "8" in cell.split("error")[1]
    assert 'value="Buka"' in page.text
    more = visitor.post(form, **rows, _rows="add:faq")
    assert more.status_code == 200
    assert 'id="faq-2-topic"' in more.text
    assert visitor.post(form, **rows, _rows="remove:faq:²").status_code == 200
    less = visitor.post(form, **rows, _rows="remove:faq:0")
    assert 'value="Buka"' not in less.text
