"""Rows of ``pages``."""

from tests.marketplace.matrix.row import Row, Who

ROWS = [Row(f"pages.{name}", "GET", Who.PUBLIC) for name in ("how", "about", "privacy", "terms")]
