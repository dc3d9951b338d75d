"""Fixtures of the store's tests."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog.web.db import db
from marketplace import config
from marketplace.app import create_app
from marketplace.config import Config
from marketplace.jobs import context
from tests import cast
from tests.cast import Cast
from tests.marketplace import mailbox
from tests.marketplace.mailbox import Mailbox


@pytest.fixture
def mails() -> Iterator[Mailbox]:
    """A mailbox that listens; ``settings`` names it."""
    with mailbox.running() as box:
        yield box


@pytest.fixture
def settings(environment: dict[str, str], mails: Mailbox) -> Config:
    """The store's settings with a mailbox that listens."""
    return config.read({**environment, "MAIL_URL": mails.url})


@pytest.fixture
def jobs(settings: Config) -> Iterator[Config]:
    """The settings jobs run with; their database connections are closed after the test."""
    context.use(settings)
    yield settings
    context.dispose()


@pytest.fixture
def app(settings: Config) -> Iterator[Flask]:
    """The store; its database connections are closed after the test."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def people(session: Session) -> Cast:
    """The named cast."""
    made = cast.assemble(session)
    session.commit()
    return made
