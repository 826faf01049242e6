"""What the codes of the programme are called, in the user's language; and the choices that forms offer."""

from collections.abc import Mapping

from events.core.clock import FINLAND
from events.core.i18n import lazy_gettext as _l
from events.core.i18n import ngettext

KINDS: Mapping[str, object] = {
    "meeting": _l("Meeting"),
    "workshop": _l("Workshop"),
    "experience_exchange": _l("Experience exchange"),
}
MODES: Mapping[str, object] = {"venue": _l("At a venue"), "online": _l("Online")}
AUDIENCES: Mapping[str, object] = {
    "everyone": _l("Everyone, also without registering"),
    "registered": _l("Those who have a place"),
    "attended": _l("Those who attended"),
}
ARRIVAL: Mapping[str, object] = {
    "instructions": _l("Getting there"),
    "entrance": _l("Entrance"),
    "parking": _l("Parking"),
    "accessibility": _l("Accessibility of the place"),
}
"""The texts of an arrival card, in the order in which they are read on the way."""

ITEM_KINDS: Mapping[str, object] = {
    "talk": _l("Talk"),
    "workshop": _l("Workshop"),
    "discussion": _l("Discussion"),
    "visit": _l("Visit"),
    "break": _l("Break"),
}
WAITING_LISTS: Mapping[str, object] = {
    "automatic": _l("Waiting list; a place that is freed goes to the first in line by itself"),
    "offer": _l("Waiting list; a place that is freed is offered to the first in line, who must accept in time"),
    "by_hand": _l("Waiting list; we choose by hand who gets a place"),
    "none": _l("No waiting list"),
}
ACCESSES: Mapping[str, object] = {
    "open": _l("Open to everyone"),
    "code": _l("With a code that we hand out"),
    "invited": _l("By invitation only"),
    "named": _l("Members of named organisations or regions"),
}
SCOPES: Mapping[str, object] = {
    "this": _l("Only this event"),
    "following": _l("This and the following ones"),
    "all": _l("All events of the series"),
}
ZONES = (
    *(FINLAND, "Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen", "Europe/Tallinn", "Europe/Riga"),
    *("Europe/Vilnius", "Europe/Berlin", "Europe/Brussels", "Europe/London", "UTC"),
)
_DAY = 24 * 60
REMINDERS = (14 * _DAY, 7 * _DAY, 3 * _DAY, 2 * _DAY, _DAY)
"""Minutes before the start that the form offers for who has not answered an invitation."""


def reminder(minutes: int) -> str:
    """Say when a reminder of an invitation goes out: 7 days before."""
    return ngettext("%(n)s day before", "%(n)s days before", minutes // _DAY)
