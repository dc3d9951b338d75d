"""The authorisation matrix as data: one file per blueprint, with ``ROWS``; ``test_authorisation.py`` asks every row.

Each route and method has exactly one ``Row``. A route without a row fails, and so does a row without a route.
"""
