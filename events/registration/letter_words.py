"""The letters about a registration whose words can be changed: what each is called, its subject and its fields."""

from collections.abc import Callable, Mapping

from babel.support import LazyProxy

from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.messaging.templates.shapes import Template

_INLINE = ("given_name", "name", "event", "when", "place", "link", "event_link")
_BLOCKS = ("registered_by", "facts", "speaking")
_PRIVATE = ("button", "link")
_OWN = ("manage", "link")


def _template(
    name: str,
    title: LazyProxy,
    subject: Callable[[], str],
    *blocks: str,
    inline: tuple[str, ...] = (),
    required: tuple[tuple[str, ...], ...] = (),
) -> Template:
    """Make one about an event, whose title stands behind the subject."""
    return Template(
        name, title, lambda: f"{subject()}: {{event}}", (*_INLINE, *inline), (*_BLOCKS, *blocks), required=required
    )


def _placed(name: str, title: LazyProxy, subject: Callable[[], str], *blocks: str) -> Template:
    """Make one that goes to who has a place: with the ticket."""
    needed = (("ticket",), _OWN)
    return _template(name, title, subject, *blocks, "questions", "ticket", "arrival", "manage", required=needed)


def _reminded() -> str:
    return _("Reminder") + ": {event}, {day}"


_ALL = (
    _placed(
        "confirmation",
        _l("Confirmation of a registration"),
        lambda: _("You are registered"),
        *("calendar", "organiser_words"),
    ),
    _template(
        "waiting",
        _l("Place in the waiting list"),
        lambda: _("You are on the waiting list"),
        *("turn", "organiser_words", "choosing", "button"),
        inline=("position",),
        required=(_PRIVATE,),
    ),
    _template(
        "awaiting_approval",
        _l("Registration that awaits approval"),
        lambda: _("Your registration awaits approval"),
        *("organiser_words", "choosing", "button"),
        required=(_PRIVATE,),
    ),
    _placed("place_freed", _l("A place became free"), lambda: _("A place has become free for you")),
    _template(
        "offer",
        _l("Offer of a place"),
        lambda: _("A place is offered to you"),
        "button",
        inline=("deadline",),
        required=(_PRIVATE, ("deadline",)),
    ),
    _template(
        "confirm_address",
        _l("Confirmation of the address"),
        lambda: _("Please confirm your registration"),
        *("button", "organiser_words", "choosing"),
        inline=("deadline",),
        required=(_PRIVATE, ("deadline",)),
    ),
    _template(
        "lapsed",
        _l("A held place lapsed"),
        lambda: _("The place held for you has lapsed"),
        required=(("link",),),
    ),
    _template(
        "not_transferred",
        _l("A place was not handed over"),
        lambda: _("Your place was not handed over"),
        "manage",
        required=(_OWN,),
    ),
    _template(
        "not_changed",
        _l("Details were not changed"),
        lambda: _("Your details were not changed"),
        "manage",
        required=(_OWN,),
    ),
    _template(
        "already_registered",
        _l("Registered already"),
        lambda: _("You have registered already"),
        *("standing", "manage"),
        required=(_OWN,),
    ),
    _placed("changed", _l("Change of a registration"), lambda: _("Your registration has changed")),
    _template(
        "cancelled",
        _l("Cancelled registration"),
        lambda: _("Your registration is cancelled"),
        "organiser_words",
        required=(("link",),),
    ),
    _template(
        "declined",
        _l("Declined registration"),
        lambda: _("Your registration was not accepted"),
        "organiser_words",
        required=(("link",),),
    ),
    _template(
        "transferred",
        _l("Place handed over to a colleague"),
        lambda: _("Your registration is cancelled"),
        "organiser_words",
        required=(("link",),),
    ),
    _template(
        "event_changed",
        _l("Change of an event"),
        lambda: _("The event has changed"),
        *("changes", "standing", "organiser_words", "manage"),
        required=(("changes",), ("facts",), _OWN),
    ),
    _template(
        "event_cancelled",
        _l("Cancelled event"),
        lambda: _("The event is cancelled"),
        *("calendar", "organiser_words"),
    ),
    _template(
        "materials",
        _l("New materials of an event"),
        lambda: _("New materials"),
        *("changes", "button"),
        required=(("changes",), _PRIVATE),
    ),
    Template(
        "entry_declined",
        _l("Question after a declined calendar entry"),
        lambda: _("Shall we cancel your place?") + " {event}",
        _INLINE,
        (*_BLOCKS, "button"),
        required=(_PRIVATE,),
    ),
    Template(
        "reminder",
        _l("Reminder"),
        _reminded,
        (*_INLINE, "day"),
        (*_BLOCKS, "changes", "questions", "ticket", "arrival", "manage"),
        required=(("ticket",), _OWN),
    ),
)

REMINDER_IN_OWN_WORDS = Template(
    "reminder_in_own_words",
    _l("Reminder"),
    lambda: "{event}",
    _INLINE,
    (*_BLOCKS, "greeting", "own_words", "changes", "questions", "ticket", "arrival", "manage"),
)
"""Of a rule that has a subject and words of its own: they are changed there, not here."""

TEMPLATES: Mapping[str, Template] = {template.name: template for template in _ALL}

BUTTONS: Mapping[str, tuple[LazyProxy, str]] = {
    "waiting": (_l("Look at your registration or leave the line"), ""),
    "awaiting_approval": (_l("Look at your registration or cancel it"), ""),
    "offer": (_l("Accept or decline the place"), ""),
    "confirm_address": (_l("Confirm my registration"), ""),
    "materials": (_l("Open the materials"), "#materials"),
    "entry_declined": (_l("Cancel my place"), "/cancel"),
}
"""The button of each letter that has one: its words, and where on the person's own page it leads."""
