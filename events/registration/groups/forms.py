"""Forms of a group: when it meets, who joins, how someone belongs to it."""

from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from events.core.forms import BaseForm
from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l

MOST_MEETINGS = 12
"""Meetings that are made at once: one a month for a year."""

LONGEST_LIST = 20_000
"""Signs of a pasted list: some hundreds of members."""

_NO_SUCH_DATE = _l("There is no such date. Write it like 22.9.2026.")
_DATES = ["%Y-%m-%d", "%d.%m.%Y"]


class MeetingForm(BaseForm):
    """On which days the group meets next, and at what time."""

    days = FieldList(
        DateField(_l("Date"), [Optional()], format=_DATES, invalid_value_message=_NO_SUCH_DATE),
        min_entries=1,
        max_entries=MOST_MEETINGS,
    )
    starts = TimeField(
        _l("Starts"),
        [InputRequired(_l("Give a time."))],
        format=["%H:%M", "%H.%M", "%H:%M:%S"],
        invalid_value_message=_l("There is no such time. Write it like 9.00."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.days) > 1:
            for number, entry in enumerate(self.days, 1):
                entry.label.text = _("Date %(number)s", number=number)

    def validate_days(self, field: FieldList) -> None:
        """Let days be left out, but not all of them."""
        if not any(entry.data or entry.errors for entry in field):
            field[0].errors = [_("Give a date.")]
            raise ValidationError(_("Give a date."))

    @property
    def chosen(self) -> dict[int, date]:
        """The days that are given, by their places in the form."""
        return {place: entry.data for place, entry in enumerate(self.days) if entry.data}


def _first_day() -> DateField:
    return DateField(
        _l("Member from"), [InputRequired(_l("Give a date."))], format=_DATES, invalid_value_message=_NO_SUCH_DATE
    )


def _language() -> SelectField:
    choices = [SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()]
    return SelectField(_l("Language of the mails"), choices=choices)


class MemberForm(BaseForm):
    """Who joins a group."""

    given_name = StringField(_l("Given name"), [DataRequired(_l("Write the given name.")), Length(max=100)])
    family_name = StringField(_l("Family name"), [Length(max=100)])
    email = EmailField(_l("E-mail"), [DataRequired(_l("Write the address.")), Length(max=254)])
    organisation = StringField(_l("Organisation"), [Length(max=200)])
    language = _language()
    starts_on = _first_day()
    chair = BooleanField(_l("Chairs the group"))


class SeveralForm(BaseForm):
    """Who joins a group, as a pasted list; it stands on one page with the form above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="several-", **kwargs)

    people = TextAreaField(
        _l("Names and addresses"),
        [DataRequired(_l("Write at least one address.")), Length(max=LONGEST_LIST)],
        description=_l("One a line or with semicolons between them: Aino Esimerkki <aino@yritys.fi>."),
        render_kw={"rows": 8},
    )
    language = _language()
    starts_on = _first_day()


class MembershipForm(BaseForm):
    """How someone belongs to a group."""

    organisation = StringField(_l("Organisation"), [Length(max=200)])
    language = _language()
    starts_on = _first_day()
    ends_on = DateField(
        _l("Member to"),
        [Optional()],
        format=_DATES,
        invalid_value_message=_NO_SUCH_DATE,
        description=_l("The last day. Empty: the membership goes on."),
    )
    chair = BooleanField(
        _l("Chairs the group"), description=_l("A group has one chair: whoever was it before is no longer.")
    )
