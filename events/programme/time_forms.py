"""Forms that ask for times: the four questions of a new event, the card of its times, a copy's start."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from events.core.forms import BaseForm, add_error, choices
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme import rules
from events.programme.fields import clock_field, day_field, moment, places_field
from events.programme.scopes import ScopeForm
from events.programme.words import KINDS, ZONES


class _Times(BaseForm):
    """When an event is: the day, from, to, and the last day when that is another."""

    day = day_field(_l("Date"))
    starts = clock_field(_l("Starts"))
    ends = clock_field(_l("Ends"))
    last_day = day_field(_l("Last day, if the event ends on another day"), required=False)

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def read_times(self, zone: str) -> bool:
        """Settle `starts_at` and `ends_at`; returns False, with errors beside the fields, when they cannot be."""
        self.starts_at = moment(self.day, self.starts, zone)
        last = self.last_day if self.last_day.data else self.day
        self.ends_at = moment(last, self.ends, zone)
        if self.starts_at is None or self.ends_at is None:
            return False
        if self.ends_at <= self.starts_at:
            add_error(self.ends, _("The event must end after it starts."))
            return False
        return True


class NewEventForm(_Times):
    """What, when, where and how many: all that a new event needs."""

    kind = RadioField(_l("Kind of event"), [InputRequired(_l("Choose the kind of event."))])
    title = StringField(
        _l("Title"),
        [DataRequired(_l("Give the event a title.")), Length(max=200)],
        description=_l("In the language you use now; the other languages can be added afterwards."),
    )
    region = SelectField(_l("Host region"), [InputRequired(_l("Choose the host region."))])
    venue = StringField(
        _l("Venue"),
        [Length(max=200)],
        description=_l("Name and municipality, such as Verkatehdas, Hämeenlinna. Leave empty for an online event."),
    )
    online = BooleanField(_l("One can take part online"))
    places = places_field(_l("Places at the venue"), _l("Empty: no limit."))
    online_places = places_field(_l("Places online"), _l("Empty: no limit."))

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "kind"):  # before the times of the class above, as on the page: errors come in this order
            self._fields.move_to_end(name, last=False)
        self.kind.choices = choices((kind, str(name)) for kind, name in KINDS.items())
        self.region.choices = choices([("", _("Choose")), *regions])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.only_language_changes:
            return False
        times = self.read_times(rules.ZONE)
        if not self.venue.data and not self.online.data and self.places.data is None:
            add_error(self.venue, _("Give a venue, or let people take part online."))
            return False
        return valid and times


class EditForm(ScopeForm):
    """What the form of every card has: the version that the editor saw, and for which events of a series it is."""

    version = HiddenField()
    by_hand_too = BooleanField(
        _l("Also where it was changed by hand"),
        description=_l("Otherwise what was changed by hand in one of the other events is kept there."),
    )


def words_field() -> TextAreaField:
    """What an organiser says beside a mail."""
    return TextAreaField(
        _l("What do you say about it?"),
        [Length(max=2000)],
        description=_l("It stands in the mail, in the language in which you write it. May be left empty."),
        render_kw={"rows": 3},
    )


class TellingForm(BaseForm):
    """What is said to those who are written to about a change, or that it is not worth a mail."""

    words = words_field()
    silent = BooleanField(
        _l("Write to nobody: I am correcting a slip"),
        description=_l("What people have in their mail and calendar stays as it is."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and self.silent.data and self.words.data:
            add_error(self.silent, _("What you say would reach nobody. Take away either the words or this choice."))
            return False
        return valid


class CancelForm(BaseForm):
    """What is said to those who are written to about a cancellation."""

    words = words_field()


class TimesForm(_Times, TellingForm, EditForm):
    """When, and by whose clock."""

    zone = SelectField(_l("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [*ZONES, *([self.zone.data] if self.zone.object_data and self.zone.object_data not in ZONES else [])]
        self.zone.choices = choices((zone, zone) for zone in known)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.only_language_changes or self.zone.errors:
            return False
        return self.read_times(self.zone.data) and valid


class CopyForm(BaseForm):
    """When the copy takes place."""

    day = day_field(_l("Date"))
    starts = clock_field(_l("Starts"))
    without_files = BooleanField(_l("Leave uploaded files behind"))

    starts_at: datetime | None = None

    def __init__(self, *args: Any, zone: str = rules.ZONE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.only_language_changes:
            return False
        self.starts_at = moment(self.day, self.starts, self.zone)
        return valid and self.starts_at is not None
