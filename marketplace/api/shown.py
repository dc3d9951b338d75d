"""Rows as the API shows them."""

from sqlalchemy.orm import Session

from catalog.manifest import Manifest
from catalog.models import Business, Connection, Installation, Listing, Number, Role
from catalog.texts import text
from marketplace.api import schemas


def listing(session: Session, row: Listing) -> schemas.ListingShown:
    """A listing in a list."""
    version = row.version(session)
    return schemas.ListingShown(
        slug=row.slug,
        name=row.name,
        tagline=row.tagline,
        category=row.category.slug,
        tags=row.tags,
        version=version.name if version else "",
        plans=[schemas.PlanShown.model_validate(plan) for plan in row.plans],
    )


def listing_detail(session: Session, row: Listing, manifest: Manifest, language: str) -> schemas.ListingDetail:
    """A listing on its own."""
    return schemas.ListingDetail(
        **listing(session, row).model_dump(),
        body=row.body,
        permissions=list(manifest.permissions),
        hosts=list(manifest.hosts),
        retention_days=manifest.data.retention_days,
        settings=[field.model_dump(mode="json", exclude_defaults=True) for field in manifest.settings],
        defaults=manifest.defaults(language),
    )


def business(row: Business, role: Role) -> schemas.BusinessShown:
    """A business as a member with ``role`` sees it."""
    return schemas.BusinessShown(code=row.code, name=row.name, zone=row.zone, language=row.language, role=role.value)


def number(session: Session, row: Number) -> schemas.NumberShown:
    """A number and what answers it."""
    holder = Installation.on(session, row)
    return schemas.NumberShown(
        code=row.code,
        business=row.business.code,
        display_phone_number=row.display_phone_number,
        verified_name=row.verified_name,
        transport=row.transport.value,
        state=row.state.value,
        reason=row.reason,
        connected_at=row.connected_at,
        installation=holder.code if holder else None,
    )


def installation(row: Installation) -> schemas.InstallationShown:
    """An installation. A built-in listing has its bot's slug."""
    return schemas.InstallationShown(
        code=row.code,
        business=row.business.code,
        number=row.number.code,
        listing=row.bot.slug,
        version=row.version.name,
        state=row.state.value,
        language=row.language,
        settings=row.settings,
        installed_at=row.installed_at,
        paused_at=row.paused_at,
        ended_at=row.ended_at,
    )


def connection(row: Connection, language: str) -> schemas.ConnectionShown:
    """A connection with its timeline, errors in words."""
    steps = [
        schemas.StepShown(
            name=step.name.value,
            state=step.state.value,
            error=step.error,
            message=text(language, step.error, **step.error_params) if step.error else None,
        )
        for step in row.steps
    ]
    return schemas.ConnectionShown(
        code=row.code,
        business=row.business.code,
        state=row.state.value,
        error=row.error,
        message=text(language, row.error, **row.error_params) if row.error else None,
        number=row.number.code if row.number else None,
        steps=steps,
    )
