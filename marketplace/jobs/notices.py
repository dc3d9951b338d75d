"""Mail that waits in the outbox: found by the sweep, sent by a job, tried again when the mail server says no."""

from datetime import UTC, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Notice
from marketplace import letters, mail
from marketplace.jobs import context
from marketplace.jobs.queue import enqueue

SEND = "marketplace.jobs.notices.send"
BATCH = 500

log = structlog.get_logger()


def sweep(session: Session) -> None:
    """Queue every notice that is due."""
    due = (Notice.sent_at.is_(None), Notice.given_up_at.is_(None), Notice.next_try_at <= datetime.now(UTC))
    for code in session.scalars(select(Notice.code).where(*due).order_by(Notice.next_try_at).limit(BATCH)):
        enqueue(SEND, str(code), job_id=f"notice-{code}")


def send(code: str) -> None:
    """Send one notice if it is still due. The row stays locked meanwhile, so two workers never send it twice."""
    with context.session() as session:
        notice = session.scalar(
            select(Notice)
            .where(Notice.code == code, Notice.sent_at.is_(None), Notice.given_up_at.is_(None))
            .where(Notice.next_try_at <= datetime.now(UTC))
            .with_for_update(skip_locked=True)
        )
        if notice is None:
            return
        try:
            mail.send(context.settings(), letters.compose(context.settings(), notice))
        except Exception as failure:  # noqa: BLE001 - whatever stops one mail must not stop it every second again
            notice.failed(f"{type(failure).__name__}: {failure}", datetime.now(UTC))
            log.warning("mail not sent", notice=code, kind=notice.kind, tries=notice.tries, reason=notice.error)
        else:
            notice.sent(datetime.now(UTC))
