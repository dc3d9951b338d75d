"""What people type about themselves."""

from werkzeug.datastructures import MultiDict
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField

from catalog.models import User
from catalog.web import checks
from catalog.web.checks import Required, length
from catalog.web.forms import BaseForm
from catalog.web.language import lazy, t
from marketplace.validation import said
from marketplace.validation.password import Strong

LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
EMAIL_MAX = 254


class SignUp(BaseForm):
    """A new account."""

    name = StringField(lazy("accounts.field.name"), [Required(), length(most=80)])
    email = EmailField(lazy("accounts.field.email"), [Required(), length(most=EMAIL_MAX), checks.email])
    password = PasswordField(
        lazy("accounts.field.password"),
        [Required(), Strong("name", "email")],
        description=lazy("accounts.hint.password"),
    )
    next = HiddenField()


class SignIn(BaseForm):
    """An account and its password."""

    email = EmailField(lazy("accounts.field.email"), [Required(), length(most=EMAIL_MAX)])
    password = PasswordField(lazy("accounts.field.password"), [Required()])
    next = HiddenField()


class Address(BaseForm):
    """Where to send a link."""

    email = EmailField(lazy("accounts.field.email"), [Required(), length(most=EMAIL_MAX), checks.email])


class Password(BaseForm):
    """The password, once more."""

    password = PasswordField(lazy("accounts.field.password"), [Required()])

    def is_right(self, user: User) -> bool:
        """Whether the form holds ``user``'s password; if not, the field says so."""
        if not self.validate():
            return False
        if user.has_password(said(self.password)):
            return True
        self.password.errors = [t("accounts.error.wrong_password")]
        return False


class NewPassword(BaseForm):
    """A new password for somebody we know."""

    password = PasswordField(
        lazy("accounts.field.new_password"), [Required(), Strong()], description=lazy("accounts.hint.password")
    )

    def __init__(self, typed: MultiDict[str, str] | None = None, *, user: User) -> None:
        super().__init__(typed)
        self.about = [user.name, user.email]


class ChangedPassword(NewPassword):
    """A new password beside the present one."""

    current = PasswordField(lazy("accounts.field.current_password"), [Required()])


class Profile(BaseForm):
    """Name and language."""

    name = StringField(lazy("accounts.field.name"), [Required(), length(most=80)])
    language = SelectField(lazy("accounts.field.language"), [Required()], choices=LANGUAGES)
