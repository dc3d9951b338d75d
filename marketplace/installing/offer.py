"""What the store offers under a slug: the public listing, its published version, and the version's manifest."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from catalog.errors import NotFound
from catalog.manifest import Manifest
from catalog.models import Listing, Version


class Offer(NamedTuple):
    """One bot as a visitor meets it."""

    listing: Listing
    version: Version
    manifest: Manifest


def offer(session: Session, slug: str) -> Offer:
    """The offer of a slug. Raises ``NotFound`` where nothing public can be installed."""
    listing = Listing.public(session, slug)
    version = listing.version(session) if listing is not None else None
    if listing is None or version is None:
        raise NotFound
    return Offer(listing, version, Manifest.model_validate(version.manifest))
