"""How the asker wants to be answered."""

from flask import request

# Paths where programs ask: they get JSON whatever their Accept header says.
JSON_PATHS = ("/api/", "/graph/", "/webhooks/")


def wants_json() -> bool:
    """Whether a refusal should be JSON."""
    if request.path.startswith(JSON_PATHS):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
