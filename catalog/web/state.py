"""What a web face knows of itself: its settings and which of the two it is."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from flask import Flask, current_app

from catalog.settings import Shared

EXTENSION = "catalog.web"


@dataclass(frozen=True)
class Face:
    """One web face. The pages face lives on another port on localhost, behind the same origin in production."""

    settings: Shared
    name: Literal["store", "pages"]

    @property
    def own_url(self) -> str:
        """Address of this face, without a slash at the end."""
        return self.settings.store_url if self.name == "store" else self.settings.pages_url

    @property
    def origins(self) -> frozenset[str]:
        """Origins of the house: the only ones whose forms we take and to whom we send people back."""
        return frozenset(origin_of(url) for url in (self.settings.store_url, self.settings.pages_url))


def face(app: Flask | None = None) -> Face:
    """The face that serves this request."""
    found: Face = (app or current_app).extensions[EXTENSION]
    return found


def origin_of(url: str) -> str:
    """``https://host:port`` of an address; empty where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def cookie_name(settings: Shared, name: str) -> str:
    """Cookies ignore ports, so two copies on one host are told apart by name; production pins name to host."""
    if settings.base_port is None:
        return f"__Host-pasarbot_{name}"
    return f"pasarbot_{name}_{settings.base_port}"
