"""Numbers: the list, connecting one through Embedded Signup, its timeline, its page, and letting it go."""

from flask import Blueprint

bp = Blueprint("numbers", __name__)

# The routes register themselves on ``bp``.
from marketplace.blueprints.numbers import connecting, ending, pages, timeline  # noqa: E402, F401
