"""Work that may be late by a second: an rq queue, and a sweep that queues again whatever got lost.

Rows are the truth, Valkey is only the bell. A job is a function in a module of ``marketplace``; it takes ids (codes as
text) and nothing else, opens ``jobs.session()``, looks whether its work is still to be done, and calls the model.
Whoever writes a row that wants a job calls ``enqueue`` after the commit (or ``enqueue_after_commit`` before it) and
gives a sweep in ``sweep.SWEEPS`` that finds the row again should the queue have forgotten it.
"""

from marketplace.jobs.context import session, settings, use
from marketplace.jobs.queue import enqueue, enqueue_after_commit

__all__ = ["enqueue", "enqueue_after_commit", "session", "settings", "use"]
