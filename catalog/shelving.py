"""Putting a built-in bot on the shelf: from its manifest to a published version and a public listing."""

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import clock, search
from catalog.manifest import Manifest
from catalog.models import Bot, Category, Hosting, Interval, Listing, Plan, Version
from catalog.seeds import house_partner
from catalog.texts import LANGUAGES, text


def digest(manifest: Manifest) -> str:
    """SHA-256 of the manifest's canonical JSON, in hex."""
    canonical = json.dumps(manifest.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def publish_builtin(session: Session, manifest: Manifest) -> Version:
    """Publish ``manifest`` as a bot of the house, free of charge. Idempotent.

    Raises ``ValueError`` when the version is published already with other content, or the category is unknown.
    """
    bot = Bot.by_slug(session, manifest.id) or Bot(slug=manifest.id, partner=house_partner(session))
    session.add(bot)
    session.flush()
    version = bot.publish(
        session,
        name=manifest.version,
        manifest=manifest.model_dump(mode="json"),
        digest=digest(manifest),
        hosting=Hosting(manifest.hosting),
    )
    shelve(session, bot, manifest)
    return version


def shelve(session: Session, bot: Bot, manifest: Manifest) -> Listing:
    """The bot's public page follows its manifest."""
    category = session.scalar(select(Category).where(Category.slug == manifest.category))
    if category is None:
        raise ValueError(f"no category {manifest.category!r}")
    listing = session.scalar(select(Listing).where(Listing.bot_id == bot.id)) or Listing(bot=bot, slug=bot.slug)
    listing.category = category
    listing.name = manifest.name.model_dump()
    listing.tagline = manifest.tagline.model_dump()
    listing.body = manifest.description.model_dump()
    listing.tags = list(manifest.tags)
    listing.listed_at = listing.listed_at or clock.now(session)
    session.add(listing)
    session.flush()
    if not listing.plans:
        free = Plan(
            listing_id=listing.id,
            name={language: text(language, "store.free") for language in LANGUAGES},
            interval=Interval.FREE,
            price_idr=0,
        )
        session.add(free)
        session.flush()
        session.refresh(listing, ["plans"])
    search.index(session, listing)
    return listing
