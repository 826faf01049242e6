"""The form of what is chosen for an event's doors."""

from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from events.checkin.settings.tables import Poster
from events.core.i18n import lazy_gettext as _
from events.programme.scopes import ScopeForm


class DoorSettingsForm(ScopeForm):
    """How people check in."""

    exits = BooleanField(
        _("Tickets are read on the way out too"),
        description=_(
            "Person-hours then count how long each was there. Who was not read on the way out was there until the end."
        ),
    )
    poster = RadioField(
        _("People check in on their own phones"),
        choices=[
            SelectChoice(Poster.NONE.value, _("No")),
            SelectChoice(Poster.FIXED.value, _("By a printed poster at the door")),
            SelectChoice(Poster.ROTATING.value, _("By a code on a screen that changes every half minute")),
        ],
        default=Poster.NONE.value,
        description=_("A photo of a printed poster works from anywhere on the day; that of a changing code does not."),
    )
