"""Accounts: signing up, in and out, proving an address, and what a person may change of themselves."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

# The modules hang their routes on ``bp``.
from marketplace.blueprints.accounts import devices, entry, profile, proofs  # noqa: E402

__all__ = ["bp", "devices", "entry", "profile", "proofs"]
