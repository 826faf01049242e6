"""What reminder rules are called in the present language: when they go out, and to whom."""

from collections.abc import Callable, Mapping
from datetime import time

from events.core.i18n import format_time, ngettext
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network.words import KINDS
from events.programme.reminders.queries import RuleView
from events.registration.tables import State

_BEFORE: Mapping[str, Callable[[str, str], str]] = {
    "start": lambda distance, _item: _("%(distance)s before the start", distance=distance),
    "end": lambda distance, _item: _("%(distance)s before the end", distance=distance),
    "registration_closes": lambda distance, _item: _("%(distance)s before registration closes", distance=distance),
    "agenda_item": lambda distance, item: _("%(distance)s before “%(item)s”", distance=distance, item=item),
}
_AFTER: Mapping[str, Callable[[str, str], str]] = {
    "start": lambda distance, _item: _("%(distance)s after the start", distance=distance),
    "end": lambda distance, _item: _("%(distance)s after the end", distance=distance),
    "registration_closes": lambda distance, _item: _("%(distance)s after registration has closed", distance=distance),
    "agenda_item": lambda distance, item: _("%(distance)s after “%(item)s” has begun", distance=distance, item=item),
}
_THEN: Mapping[str, Callable[[str], str]] = {
    "start": lambda _item: _("at the start"),
    "end": lambda _item: _("at the end"),
    "registration_closes": lambda _item: _("when registration closes"),
    "agenda_item": lambda item: _("when “%(item)s” begins", item=item),
}
_THAT_DAY: Mapping[str, Callable[[str], str]] = {
    "start": lambda _item: _("on the day of the start"),
    "end": lambda _item: _("on the day of the end"),
    "registration_closes": lambda _item: _("on the day when registration closes"),
    "agenda_item": lambda item: _("on the day of “%(item)s”", item=item),
}
_WHOM: Mapping[State, object] = {
    State.AWAITING_APPROVAL: _l("those awaiting approval"),
    State.AWAITING_ADDRESS: _l("those whose address is not confirmed yet"),
    State.CONFIRMED: _l("those confirmed"),
    State.WAITLISTED: _l("those on the waiting list"),
    State.OFFERED: _l("those to whom a place is offered"),
    State.DECLINED: _l("those declined"),
    State.CANCELLED: _l("those who are cancelled"),
}
"""Several people in a state, of whom `state_words` names one."""


def when_words(rule: RuleView, item: str = "") -> str:
    """Say when a rule goes out: 7 days before the start, at 9.00. `item` is the title of its item of the agenda."""
    if rule.local_time is not None:
        said = _placed(rule, item, _THAT_DAY)
        return _("%(day)s, at %(time)s", day=said, time=_clock(rule.local_time))
    return _placed(rule, item, _THEN)


def _placed(rule: RuleView, item: str, none: Mapping[str, Callable[[str], str]]) -> str:
    total = rule.days or rule.minutes
    if not total or (rule.local_time is not None and not rule.days):
        return none[rule.anchor](item)
    return (_BEFORE if total < 0 else _AFTER)[rule.anchor](_distance(rule), item)


def _distance(rule: RuleView) -> str:
    days, minutes = abs(rule.days), 0 if rule.local_time else abs(rule.minutes)
    parts = [ngettext("%(n)s day", "%(n)s days", days)] if days else []
    hours, rest = divmod(minutes, 60)
    if hours:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", hours))
    if rest:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", rest))
    return " ".join(parts)


def _clock(moment: time) -> str:
    return format_time(moment)


def whom_words(rule: RuleView, site: str = "") -> str:
    """Say to whom a rule goes: states, place, tag, attendance, survey; `site` is the name of its place."""
    parts = [", ".join(str(_WHOM[State(state)]) for state in rule.states or ["confirmed"])]
    if rule.site is not None:
        parts.append(site)
    if rule.tag:
        parts.append(_("with the tag %(tag)s", tag=rule.tag))
    if rule.attended != "any":
        parts.append(_("those who attended") if rule.attended == "yes" else _("those who did not attend"))
    if rule.answered != "any":
        answered = rule.answered == "yes"
        parts.append(_("those who answered the survey") if answered else _("those who have not answered the survey"))
    return " · ".join(part for part in parts if part)


def kinds_words(rule: RuleView) -> str:
    """Say for which kinds of events a default is."""
    return ", ".join(str(KINDS[kind]) for kind in rule.kinds) or _("All kinds of events")
