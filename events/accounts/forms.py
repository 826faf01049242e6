"""Forms of signing in and of managing staff and tokens."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from wtforms import (
    DateField,
    EmailField,
    Field,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from events.accounts.rules import EVENT_ROLES, SHORTEST_PASSWORD
from events.accounts.tables import Digest, Role, Scope
from events.accounts.words import role_name, scope_name
from events.core import last_days
from events.core.forms import BaseForm, choices, takes_mail
from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l

LONGEST_PASSWORD = 200


def _address_field(autocomplete: str) -> EmailField:
    return EmailField(
        _l("E-mail address"),
        [
            DataRequired(_l("Write the e-mail address.")),
            Length(max=254),
            takes_mail,
        ],
        render_kw={"autocomplete": autocomplete},
    )


def _new_password_field() -> PasswordField:
    return PasswordField(
        _l("New password"),
        [
            DataRequired(_l("Choose a password.")),
            Length(
                min=SHORTEST_PASSWORD, max=LONGEST_PASSWORD, message=_l("The password must have 12 to 200 characters.")
            ),
        ],
        description=_l("At least 12 characters. Several words in a row are easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )


class SignInForm(BaseForm):
    """Address and password."""

    email = _address_field("username")
    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Write your password.")), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


class LinkForm(BaseForm):
    """The address to which a sign-in link goes."""

    email = _address_field("username")


class FirstPasswordForm(BaseForm):
    """The password of someone invited."""

    password = _new_password_field()


class PasswordForm(BaseForm):
    """A new password in place of the present one; who has none yet leaves `current` out."""

    current = PasswordField(
        _l("Present password"), [Length(max=LONGEST_PASSWORD)], render_kw={"autocomplete": "current-password"}
    )
    password = _new_password_field()


class OwnForm(BaseForm):
    """What one changes about oneself."""

    name = StringField(
        _l("Name"), [DataRequired(_l("Write a name.")), Length(max=200)], render_kw={"autocomplete": "name"}
    )
    language = SelectField(_l("Language of mails"), choices=choices(LANGUAGE_NAMES.items()))
    digest = RadioField(
        _l("Summary of your events by mail"),
        choices=[
            SelectChoice(Digest.NONE.value, _l("No summary")),
            SelectChoice(Digest.DAILY.value, _l("Every morning at seven, when something happened")),
            SelectChoice(Digest.WEEKLY.value, _l("On Mondays at seven, when something happened")),
        ],
        default=Digest.NONE.value,
    )


class UntilMixin:
    """An optional last day, which counts in full, by Finnish time."""

    until = DateField(
        _l("Last day"),
        [Optional()],
        description=_l("Leave empty when the right has no end."),
        render_kw={"class": "medium"},
    )
    today: date = date.min

    def validate_until(self, field: Field) -> None:
        if field.data and field.data < self.today:
            raise ValidationError(_("This day has passed."))

    @property
    def until_moment(self) -> datetime | None:
        """The moment when the last day ends, in UTC."""
        day = self.until.data
        return last_days.end_of(day) if day else None


class GrantForm(UntilMixin, BaseForm):
    """A role everywhere or in some regions."""

    role = SelectField(_l("Role"))
    regions = SelectMultipleField(
        _l("Regions"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("None chosen: the whole network."),
    )

    def __init__(
        self, *args: Any, roles: Sequence[Role], regions: Sequence[tuple[str, str]], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = choices((role.value, role_name(role)) for role in roles)
        self.regions.choices = choices(regions)
        self.today = today

    def validate_regions(self, field: Field) -> None:
        if field.data and self.role.data == Role.ADMIN:
            raise ValidationError(_("An administrator’s rights hold everywhere. Leave the regions unticked."))


class InviteForm(GrantForm):
    """Whom to invite, to what."""

    email = _address_field("off")
    name = StringField(
        _l("Name"), [DataRequired(_l("Write a name.")), Length(max=200)], render_kw={"autocomplete": "off"}
    )
    language = SelectField(_l("Language of mails"), choices=choices(LANGUAGE_NAMES.items()))


class EventPersonForm(UntilMixin, BaseForm):
    """Whom to add to an event."""

    email = _address_field("off")
    name = StringField(
        _l("Name"), [DataRequired(_l("Write a name.")), Length(max=200)], render_kw={"autocomplete": "off"}
    )
    role = SelectField(_l("Role"))
    language = SelectField(_l("Language of mails"), choices=choices(LANGUAGE_NAMES.items()))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = choices((role.value, role_name(role)) for role in EVENT_ROLES)
        self.today = today


class TokenForm(BaseForm):
    """A new API token."""

    name = StringField(
        _l("What is it for?"),
        [DataRequired(_l("Write what the key is for.")), Length(max=100)],
        description=_l("For example the name of the program that uses it."),
    )
    scope = SelectField(_l("What it opens"))
    event = StringField(
        _l("Only this event"),
        [Length(max=120)],
        description=_l("The last part of the event page’s address. Leave empty for all events."),
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope.choices = choices((scope.value, scope_name(scope)) for scope in Scope)


class AuditFilter(BaseForm):
    """Which rows of the audit trail to show."""

    action = SelectField(_l("What was done"), validate_choice=False)
    who = SelectField(_l("By whom"), validate_choice=False)
    subject = StringField(_l("Identifier of the subject"), [Length(max=60)])
    start = DateField(_l("First day of the search"), [Optional()])
    end = DateField(_l("Last day of the search"), [Optional()])
