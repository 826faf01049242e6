"""The form that makes a pairing code."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from wtforms import RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from events.accounts.devices.rules import AFTER_THE_END
from events.accounts.devices.tables import DeviceKind
from events.core.forms import BaseForm, CheckboxesField
from events.core.i18n import lazy_gettext as _l

UNTIL = {
    "day": (_l("The same day: until 12 hours after the end"), AFTER_THE_END),
    "week": (_l("A week after the end"), timedelta(days=7)),
    "weeks": (_l("Two weeks after the end"), timedelta(days=14)),
}
"""How long after the event's end a device may go on."""


class PairForm(BaseForm):
    """What the phone will be called, what it may do, at which events and how long."""

    name = StringField(
        _l("Name of the phone or of its door"),
        [InputRequired(), Length(max=60)],
        description=_l("Main door, Maija’s phone …"),
        render_kw={"autocomplete": "off"},
    )
    kind = RadioField(
        _l("What will the device do?"),
        choices=[
            SelectChoice(DeviceKind.DOOR.value, _l("A door: reads tickets, finds people by name")),
            SelectChoice(DeviceKind.KIOSK.value, _l("Self check-in: people use it by themselves, it lists nobody")),
        ],
        default=DeviceKind.DOOR.value,
    )
    until = SelectField(
        _l("How long"), choices=[SelectChoice(key, words) for key, (words, _) in UNTIL.items()], default="day"
    )
    also = CheckboxesField(_l("Also at the doors of"), validate_choice=False)

    def offer(self, others: Iterable[tuple[str, str]]) -> None:
        """Offer other events (slug, title) whose doors it may serve as well."""
        self.also.choices = [SelectChoice(slug, title) for slug, title in others]

    def ends(self, ends_at: datetime) -> datetime:
        """Return until when the device holds that the form asks for."""
        return ends_at + UNTIL[self.until.data][1]
