"""Rows of ``home``."""

from tests.marketplace.matrix.row import Row, Who

ROWS = [Row("home.show", "GET", Who.SIGNED_IN)]
