"""The side navigation of the staff pages: what the actor may do, in groups."""

from collections.abc import Sequence

from events.accounts.rules import START, Action, may_somewhere
from events.core import clock
from events.core.actor import Actor
from events.core.i18n import lazy_gettext as _l

Group = tuple[str, Sequence[tuple[str, str]]]

_GROUPS: Sequence[tuple[object, Sequence[tuple[str, object, Action]]]] = (
    (
        "",
        (
            (START, _l("Overview"), Action.SEE_STAFF_PAGES),
            ("/staff/events", _l("Events"), Action.EDIT_EVENTS),
            ("/staff/clock", _l("Yearly clock"), Action.PLAN_YEAR),
            ("/staff/groups", _l("Theme groups"), Action.LEAD_GROUPS),
            ("/staff/letters", _l("Letters to groups"), Action.WRITE_TO_GROUPS),
            ("/door/", _l("Check-in"), Action.CHECK_IN),
            ("/staff/reports", _l("Reports"), Action.SEE_REPORTS),
            ("/staff/reports/network", _l("Network effect"), Action.SEE_REPORTS),
            ("/staff/surveys/compare", _l("Surveys compared"), Action.SEE_SURVEY_RESULTS),
            ("/staff/reports/funder", _l("Reports to funders"), Action.SEE_REPORTS),
            ("/staff/guide", _l("Guide"), Action.SEE_STAFF_PAGES),
        ),
    ),
    (
        _l("Network"),
        (
            ("/staff/organisations", _l("Organisations"), Action.EDIT_NETWORK),
            ("/staff/projects", _l("Projects"), Action.EDIT_PROJECTS),
            ("/staff/surveys/bank", _l("Bank of survey questions"), Action.EDIT_SURVEY_BANK),
        ),
    ),
    (
        _l("Administration"),
        (
            ("/staff/feedback", _l("Feedback"), Action.ANSWER_FEEDBACK),
            ("/staff/privacy", _l("Privacy notice"), Action.PUBLISH_NOTICE),
            ("/staff/templates", _l("Words of letters"), Action.EDIT_TEMPLATES),
            ("/staff/reminders", _l("Default reminders"), Action.SET_REMINDERS),
            ("/staff/mailbox", _l("Sent mail"), Action.SEE_MAILBOX),
            ("/staff/people", _l("Staff and rights"), Action.INVITE_STAFF),
            ("/staff/tokens", _l("API keys"), Action.MANAGE_TOKENS),
            ("/staff/webhooks", _l("Webhooks"), Action.MANAGE_WEBHOOKS),
            ("/staff/audit", _l("Audit trail"), Action.SEE_AUDIT),
        ),
    ),
)
"""Pages by group, and what one must be able to do somewhere to be led there: the same as their guards ask."""

ENTRIES: Sequence[tuple[str, Action]] = [(path, action) for _heading, group in _GROUPS for path, _name, action in group]


def navigation(actor: Actor) -> list[Group]:
    """Return the groups of links that this actor has, as (heading, [(path, name)])."""
    now = clock.now()
    shown = [
        (str(heading), [(path, str(name)) for path, name, action in group if may_somewhere(actor, action, now=now)])
        for heading, group in _GROUPS
    ]
    return [(heading, links) for heading, links in shown if links]


def current_entry(path: str) -> str:
    """Return the entry of the navigation under which a path lies, or "" when it is under none."""
    if path.rstrip("/") == START.rstrip("/"):
        return START
    under = [entry for entry, _action in ENTRIES if entry != START and path.startswith(entry)]
    return max(under, key=len, default="")
