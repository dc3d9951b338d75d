"""Security headers. The policy is strict; a view that needs another origin says so for its own answer."""

from flask import Flask, Response, g, request

from catalog.web.access import Gate, Rule
from catalog.web.signin import current_person
from catalog.web.state import face

SELF = "'self'"
NONE = "'none'"
POLICY: dict[str, tuple[str, ...]] = {
    "default-src": (NONE,),
    "script-src": (SELF,),
    "style-src": (SELF,),
    "img-src": (SELF, "data:"),
    "font-src": (SELF,),
    "connect-src": (SELF,),
    "media-src": (SELF,),
    "manifest-src": (SELF,),
    "frame-src": (NONE,),
    "form-action": (SELF,),
    "frame-ancestors": (NONE,),
    "base-uri": (NONE,),
    "object-src": (NONE,),
}
FIXED = {
    # "same-origin" would cut the signup popup off from its opener.
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"


def init(app: Flask) -> None:
    """Put the headers on every answer."""
    app.after_request(protect)


def allow(**sources: str | tuple[str, ...]) -> None:
    """Widen this answer's policy: ``allow(script_src="https://connect.facebook.net", frame_ancestors=store)``."""
    extra: dict[str, tuple[str, ...]] = g.setdefault("csp_extra", {})
    for name, value in sources.items():
        directive = name.replace("_", "-")
        if directive not in POLICY:
            raise ValueError(f"{directive} is no directive of our policy")
        values = (value,) if isinstance(value, str) else value
        extra[directive] = (*extra.get(directive, ()), *values)


def policy() -> str:
    """This answer's Content-Security-Policy."""
    extra: dict[str, tuple[str, ...]] = g.get("csp_extra", {})
    # The two faces are one origin in production and two on localhost.
    house = tuple(sorted(face().origins))
    wanted = {**POLICY, "form-action": (SELF, *house)}
    lines = []
    for directive, sources in wanted.items():
        kept = tuple(one for one in sources if one != NONE or directive not in extra)
        lines.append(f"{directive} {' '.join((*kept, *extra.get(directive, ())))}")
    if is_production():
        lines.append("upgrade-insecure-requests")
    return "; ".join(lines)


def protect(response: Response) -> Response:
    """Add what is missing; a view that set a header itself has its reasons."""
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy())
    if is_production():
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if is_private(response) else "private, no-cache"
        response.vary.update(("Cookie", "Accept-Language"))
    return response


def is_production() -> bool:
    """Behind TLS: there is no base port to tell copies apart."""
    return face().settings.base_port is None


def is_private(response: Response) -> bool:
    """Whether the answer is for one person only, so that no cache and no back button may keep it."""
    rule: Rule | None = g.get("access_rule")
    is_public = rule is not None and rule.gate is Gate.PUBLIC and request.method in ("GET", "HEAD")
    return not is_public or response.status_code >= 400 or current_person() is not None
