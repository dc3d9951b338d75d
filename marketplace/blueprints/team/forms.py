"""What is typed about a business and its team."""

from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from catalog.models import ZONES, Role
from catalog.web import checks
from catalog.web.checks import Required, length
from catalog.web.forms import BaseForm
from catalog.web.language import lazy, t
from marketplace.blueprints.accounts.forms import EMAIL_MAX, LANGUAGES


def zones() -> list[tuple[str, str]]:
    """The three zones as people say them."""
    return [(zone, t(f"team.zone.{label.lower()}")) for zone, label in ZONES.items()]


def roles() -> list[tuple[str, str, str]]:
    """Roles from weak to strong, each with what it may do."""
    return [(role.value, t(f"team.role.{role.value}"), t(f"team.role_text.{role.value}")) for role in Role]


def role_names() -> list[tuple[str, str]]:
    """Roles by name only."""
    return [(value, name) for value, name, _ in roles()]


class NewBusiness(BaseForm):
    """Name and zone are enough to begin."""

    name = StringField(lazy("team.field.name"), [Required(), length(most=60)])
    zone = SelectField(lazy("team.field.zone"), [Required()], choices=zones)


class Description(NewBusiness):
    """Everything the business says of itself."""

    language = SelectField(lazy("team.field.language"), [Required()], choices=LANGUAGES)
    support_contact = StringField(lazy("team.field.support_contact"), [Required(), length(most=254)])

    def validate_support_contact(self, field: StringField) -> None:
        """A phone number or an e-mail address: a customer must be able to use it."""
        try:
            (checks.email if "@" in (field.data or "") else checks.phone)(self, field)
        except ValidationError:
            raise ValidationError(t("team.error.support_contact")) from None


class NewMember(BaseForm):
    """Whom to invite, as what."""

    email = EmailField(lazy("accounts.field.email"), [Required(), length(most=EMAIL_MAX), checks.email])
    role = RadioField(lazy("team.field.role"), [Required()], choices=role_names, default=Role.AGENT.value)


class NewRole(BaseForm):
    """Another role."""

    role = SelectField(lazy("team.field.role"), [Required()], choices=role_names)
