"""What both web faces share: sign-in and access, CSRF, security headers, language, filters, errors, assets.

The only part of ``catalog`` that knows HTTP. ``init(app, settings)`` wires all of it into a Flask app.
"""

from catalog.web.setup import init

__all__ = ["init"]
