"""The form of an item of the agenda."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from events.core.forms import add_error, by_language, choices
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme import rules
from events.programme.agenda.actions import ItemValues
from events.programme.fields import clock_field, day_field, moment, places_field
from events.programme.scopes import ScopeForm
from events.programme.words import ITEM_KINDS

MOST_SPEAKERS = 2000


class ItemForm(ScopeForm):
    """When, where and what; made with the event's zone and its sites as (id, name).

    `until` is when the event ends: as long as it goes on, a time of day before the start is on the next day.
    """

    title_fi = StringField(_l("Title in Finnish"), [Length(max=200)])
    title_sv = StringField(_l("Title in Swedish"), [Length(max=200)])
    title_en = StringField(_l("Title in English"), [Length(max=200)])
    kind = SelectField(_l("What it is"))
    day = day_field(_l("Date"))
    starts = clock_field(_l("Starts"))
    ends = clock_field(
        _l("Ends"), description=_l("A time before the start is on the next day, if the event goes on until then.")
    )
    site = SelectField(_l("Where"), default="")
    room = StringField(_l("Room or track"), [Length(max=100)])
    speakers = TextAreaField(
        _l("Speakers who are not registered"),
        [Length(max=MOST_SPEAKERS)],
        description=_l("One on each line: name, organisation. Those registered are chosen once the item is saved."),
        render_kw={"rows": 2},
    )
    description_fi = TextAreaField(_l("Description in Finnish"), [Length(max=MOST_SPEAKERS)], render_kw={"rows": 3})
    description_sv = TextAreaField(_l("Description in Swedish"), [Length(max=MOST_SPEAKERS)], render_kw={"rows": 3})
    description_en = TextAreaField(_l("Description in English"), [Length(max=MOST_SPEAKERS)], render_kw={"rows": 3})
    sign_up = BooleanField(_l("One signs up for it separately"))
    capacity = places_field(_l("Places"), _l("Empty: no limit."))

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __init__(
        self, *args: Any, zone: str, sites: list[tuple[str, str]], until: datetime | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.until = zone, until
        self.kind.choices = choices((kind, str(name)) for kind, name in ITEM_KINDS.items())
        self.site.choices = choices([("", _("Everywhere")), *sites])

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.only_language_changes:
            return False
        self.starts_at, self.ends_at = moment(self.day, self.starts, self.zone), moment(self.day, self.ends, self.zone)
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            self.ends_at = self._on_the_next_day(self.ends_at)
        if self.capacity.data is not None and not self.sign_up.data:
            add_error(self.sign_up, _("Places are counted only where one signs up separately."))
        return not self.errors

    def _on_the_next_day(self, ends_at: datetime) -> datetime:
        """Return the same time of day a day later where the event is still on then, else `ends_at`."""
        try:
            later = rules.to_utc(self.day.data + timedelta(days=1), self.ends.data, self.zone)
        except (ValueError, OverflowError):  # an hour that the clocks skip
            return ends_at
        return later if self.until and later <= self.until else ends_at

    def values(self) -> ItemValues:
        """Return what a valid form asks for."""
        if self.starts_at is None or self.ends_at is None:
            raise RuntimeError("a valid form has its times")
        return ItemValues(
            titles=by_language(self, "title"),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            kind=self.kind.data,
            site=UUID(self.site.data) if self.site.data else None,
            room=self.room.data or "",
            descriptions=by_language(self, "description"),
            speakers=[line.strip() for line in (self.speakers.data or "").splitlines() if line.strip()],
            sign_up=self.sign_up.data,
            capacity=self.capacity.data,
        )

    def meant(self, name: str) -> Field | None:
        """Return the field that an error is about; what another event says ("") stands above the form."""
        return super().meant("title_fi" if name == "titles" else name)
