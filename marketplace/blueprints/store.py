"""The market street: home, shelves, search, and each bot's page. Open to everybody."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select

from catalog import search
from catalog.errors import NotFound
from catalog.models import Category, Interval, Listing
from catalog.money import rupiah
from catalog.web.access import access, public
from catalog.web.db import db
from catalog.web.language import language, t
from marketplace.installing.offer import offer

bp = Blueprint("store", __name__)

# The store's tints for a bot without a picture; one per category, so that a shelf has one colour.
TINTS = ("nila", "soga", "daun")
MAX_QUERY = 100


@bp.get("/")
@access(public)
def home() -> str:
    """What there is, and how it works."""
    shelves = Category.all(db.session())
    found = search.find(db.session(), limit=6)
    counts = Listing.counts(db.session())
    return render_template("store/home.html", shelves=shelves, counts=counts, items=[card(hit) for hit in found])


@bp.get("/search")
@access(public)
def results() -> str:
    """Listings for words, narrowed by category and price."""
    query = request.args.get("q", "").strip()[:MAX_QUERY]
    shelves = Category.all(db.session())
    shelf = next((one for one in shelves if one.slug == request.args.get("category")), None)
    price = request.args.get("price")
    is_free = {"free": True, "paid": False}.get(price or "")
    hits = search.find(db.session(), query, category=shelf, is_free=is_free)
    corrected = hits[0].corrected if hits else {}
    return render_template(
        "store/search.html",
        query=query,
        shelf_options=[("", t("store.search.any")), *((one.slug, one.name[language()]) for one in shelves)],
        shelf=shelf,
        price=price if is_free is not None else None,
        corrected=corrected,
        items=[card(hit) for hit in hits],
    )


@bp.get("/categories/<slug>")
@access(public)
def category(slug: str) -> str:
    """One shelf."""
    shelf = db.session.scalar(select(Category).where(Category.slug == slug))
    if shelf is None:
        raise NotFound
    hits = search.find(db.session(), category=shelf)
    return render_template("store/category.html", shelf=shelf, items=[card(hit) for hit in hits])


@bp.get("/listings/<slug>")
@access(public)
def listing(slug: str) -> str:
    """Everything an owner needs to decide."""
    page, version, manifest = offer(db.session(), slug)
    return render_template(
        "store/listing.html",
        listing=page,
        version=version,
        manifest=manifest,
        item=card_of(page),
        spoken=[t(f"store.language.{one}") for one in manifest.languages],
    )


def card(hit: search.Hit) -> dict[str, Any]:
    """A search hit as a listing card, with the reason it is there."""
    why = t(f"store.search.why_{hit.field}") if hit.field else None
    return {**card_of(hit.listing), "why": why}


def card_of(page: Listing) -> dict[str, Any]:
    """A listing as the card component wants it."""
    spoken = language()
    return {
        "url": url_for("store.listing", slug=page.slug),
        "name": page.name[spoken],
        "tagline": page.tagline[spoken],
        "icon_url": None,
        "glyph": page.category.icon,
        "tint": TINTS[page.category.position % len(TINTS)],
        "category": page.category.name[spoken],
        "price": price_of(page),
        "rating": None,
        "badges": [],
    }


def price_of(page: Listing) -> str:
    """The lowest price in words."""
    plan = page.plans[0] if page.plans else None
    if plan is None or plan.interval is Interval.FREE:
        return t("store.free")
    return f"{rupiah(plan.price_idr)} {t(f'store.interval.{plan.interval.value}')}"
