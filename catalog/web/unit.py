"""One request is one unit of work: a good answer commits, a refusal or an error rolls back."""

from flask import Flask, Response

from catalog.web.db import db


def init(app: Flask) -> None:
    """Commit after answers below 400. A handler may commit earlier, and must before it puts a job into a queue."""
    app.after_request(close)


def close(response: Response) -> Response:
    """End the transaction, the way the answer says."""
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    return response
