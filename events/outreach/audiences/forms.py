"""The forms of a letter to a group: whom it is for, and what is written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

from msgspec import structs
from wtforms import BooleanField, DateField, SelectChoice, SelectField

from events.core.forms import BaseForm, CheckboxesField
from events.core.i18n import LANGUAGES, format_date
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network import queries as network
from events.network.words import SIZES, TYPES
from events.outreach.audiences import queries, rules
from events.outreach.audiences.queries import Choice
from events.outreach.audiences.rules import ATTENDED, NEVER, REGISTERED, Audience, Group
from events.outreach.audiences.selecting import Reach
from events.programme.rules import ZONE, to_local
from events.registration.announcements.forms import AnnouncementForm

Offered = TypeVar("Offered", bound=BaseForm)
Options = Mapping[str, Sequence[tuple[str, str]]]

_PARTS = {
    REGISTERED: _l("Registered for such an event"),
    ATTENDED: _l("Was at such an event"),
    NEVER: _l("Was never at such an event"),
}
_KINDS = {
    "meeting": _l("Meeting"),
    "workshop": _l("Workshop"),
    "experience_exchange": _l("Experience exchange"),
}
_LANGUAGES = {"fi": _l("Finnish"), "sv": _l("Swedish"), "en": _l("English")}


class GroupForm(BaseForm):
    """People to whom all of it applies; shown, not validated: what is unknown is left out when it is read."""

    region = CheckboxesField(_l("Region"))
    type = CheckboxesField(_l("Type of organisation"))
    size = CheckboxesField(_l("Size of the company"))
    language = CheckboxesField(_l("Language"))
    theme = CheckboxesField(_l("Theme"))
    kind = CheckboxesField(_l("Kind of event"))
    part = SelectField(_l("How they took part"))
    since = DateField(_l("Events from"))
    until = DateField(_l("Events until"))
    event = SelectField(_l("One event"))
    series = SelectField(_l("All events of a series"))
    group = SelectField(_l("Members of a theme group"))
    invited = SelectField(_l("Invited to, and not answered"))


class AudienceForm(BaseForm):
    """What holds for the whole letter."""

    everybody = BooleanField(_l("Everybody whom we may write to"), render_kw={"value": "1"})
    about = CheckboxesField(
        _l("Themes of the letter"),
        description=_l(
            "Who wants to hear of none of them gets no letter; members of their theme groups get it also without having"
            " agreed to news."
        ),
    )
    but_event = SelectField(_l("Not those registered for"))
    but_group = SelectField(_l("Not the members of"))


class LetterForm(AnnouncementForm):
    """What is written to a group."""

    placeholders: ClassVar[Mapping[str, object]] = rules.PLACEHOLDERS


async def options(within: Reach, now: datetime) -> Options:
    """Return what can be chosen, by field."""
    events, today = await queries.events(within), to_local(now, ZONE).date()
    themes = [(theme.code, theme.name) for theme in await network.themes()]
    groups = [
        (str(group.id), group.name)
        for group in await network.groups(today)
        if within.everywhere or group.region in within.regions
    ]
    return {
        "region": [(region.code, region.name) for region in await network.regions()],
        "type": _words(TYPES),
        "size": _words(SIZES),
        "language": [(code, str(_LANGUAGES[code])) for code in LANGUAGES],
        "theme": themes,
        "about": themes,
        "kind": _words(_KINDS),
        "part": _words(_PARTS),
        "event": [_titled(event) for event in events],
        "but_event": [_titled(event) for event in events],
        "series": [_titled(event) for event in await queries.series(within)],
        "invited": [_titled(event) for event in events if event.starts_at > now],
        "group": groups,
        "but_group": groups,
    }


def group_form(group: Group, number: int, offered: Options) -> GroupForm:
    """Return the form of one group; its fields are named as `rules` reads them."""
    data = {name: "" if value is None else value for name, value in structs.asdict(group).items()}
    dates = {name: datetime.fromisoformat(data[name]).date() if data[name] else None for name in ("since", "until")}
    return _offering(GroupForm(data={**data, **dates}, prefix=str(number)), offered)


def audience_form(audience: Audience, offered: Options) -> AudienceForm:
    """Return the form of what holds for the whole letter."""
    data = {name: "" if value is None else value for name, value in structs.asdict(audience).items()}
    return _offering(AudienceForm(data=data), offered)


def _offering(form: Offered, offered: Options) -> Offered:
    for field in form:
        pairs = offered.get(field.short_name, ())
        if isinstance(field, SelectField) and not isinstance(field, CheckboxesField):
            pairs = [("", _("Not chosen")), *pairs]
            field.data = str(field.data or "")
        if isinstance(field, SelectField | CheckboxesField):
            field.choices = [SelectChoice(value, words) for value, words in pairs]
    return form


def _words(named: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(code, str(words)) for code, words in named.items()]


def _titled(event: Choice) -> tuple[str, str]:
    return str(event.id), f"{event.title}, {format_date(event.starts_at, event.zone)}"
