"""The store's part of the ``pasarbot`` command."""

from email.utils import parseaddr
from uuid import uuid4

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.models import Membership, Notice, Role, User
from catalog.texts import DEFAULT, LANGUAGES
from marketplace import config, jobs, letters, mail
from marketplace.config import Config


def commands() -> list[click.Command]:
    """The commands this package brings."""
    return [staff, mails]


@click.group("staff", help="People who keep order in the store.")
def staff() -> None:
    """Parent of the commands about staff."""


@staff.command("add", help="Make the owner of an account a member of staff.")
@click.argument("email")
def add(email: str) -> None:
    """There is no first administrator: whoever runs the store makes one from an account that proved its address."""
    jobs.use(config.load())
    with jobs.session() as session:
        click.echo(appoint(session, email))


def appoint(session: Session, email: str) -> str:
    """Make the person with ``email`` staff; idempotent. Says what was done. Raises ``click.ClickException``."""
    user = User.by_email(session, email)
    if user is None or user.email_verified_at is None:
        raise click.ClickException(f"{email} has no account with a proven address; sign up first")
    if user.is_staff:
        return f"{user.email} is staff already"
    session.add(Membership(user=user, role=Role.OWNER, is_staff=True))
    return f"{user.email} is staff now"


@click.group("mail", help="Mail the store sends.")
def mails() -> None:
    """Parent of the commands about mail."""


@mails.command("test", help="Send a mail now, to see whether MAIL_URL works.")
@click.argument("email", required=False)
@click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT)
def test(email: str | None, language: str) -> None:
    """Without an address the mail goes to MAIL_FROM."""
    settings = config.load()
    receiver = email or parseaddr(settings.mail_from)[1]
    try:
        deliver(settings, receiver, language)
    except mail.Undelivered as failure:
        raise click.ClickException(f"not sent: {failure}") from failure
    click.echo(f"sent to {receiver}")


def deliver(settings: Config, receiver: str, language: str) -> None:
    """Send the test mail past the outbox. Raises ``Undelivered``."""
    jobs.use(settings)
    with jobs.session() as session:
        now = session.scalars(select(func.now())).one()
    notice = Notice(
        kind="mail_test", email=receiver, language=language, params={}, code=uuid4(), created_at=now, tries=0
    )
    mail.send(settings, letters.compose(settings, notice))
