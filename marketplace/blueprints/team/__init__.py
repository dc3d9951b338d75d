"""Businesses and their teams: founding, describing, inviting, roles, leaving."""

from flask import Blueprint

bp = Blueprint("team", __name__)

# The modules hang their routes on ``bp``.
from marketplace.blueprints.team import businesses, invitations, members, shell  # noqa: E402

__all__ = ["bp", "businesses", "invitations", "members", "shell"]
