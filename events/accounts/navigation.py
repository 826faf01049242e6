"""The side navigation of the staff pages: what the actor may do, in groups."""

from collections.abc import Sequence

from events.accounts.rules import START, Action, may_somewhere
from events.core import clock
from events.core.actor import Actor
from events.core.i18n import gettext as _

Group = tuple[str, Sequence[tuple[str, str]]]

ENTRIES: Sequence[tuple[str, Action]] = (
    (START, Action.SEE_STAFF_PAGES),
    ("/staff/events", Action.EDIT_EVENTS),
    ("/staff/clock", Action.PLAN_YEAR),
    ("/staff/groups", Action.LEAD_GROUPS),
    ("/staff/letters", Action.WRITE_TO_GROUPS),
    ("/door/", Action.CHECK_IN),
    ("/staff/reports", Action.SEE_REPORTS),
    ("/staff/reports/network", Action.SEE_REPORTS),
    ("/staff/surveys/compare", Action.SEE_SURVEY_RESULTS),
    ("/staff/reports/funder", Action.SEE_REPORTS),
    ("/staff/guide", Action.SEE_STAFF_PAGES),
    ("/staff/organisations", Action.EDIT_NETWORK),
    ("/staff/projects", Action.EDIT_PROJECTS),
    ("/staff/surveys/bank", Action.EDIT_SURVEY_BANK),
    ("/staff/feedback", Action.ANSWER_FEEDBACK),
    ("/staff/privacy", Action.PUBLISH_NOTICE),
    ("/staff/templates", Action.EDIT_TEMPLATES),
    ("/staff/reminders", Action.SET_REMINDERS),
    ("/staff/mailbox", Action.SEE_MAILBOX),
    ("/staff/people", Action.INVITE_STAFF),
    ("/staff/tokens", Action.MANAGE_TOKENS),
    ("/staff/webhooks", Action.MANAGE_WEBHOOKS),
    ("/staff/audit", Action.SEE_AUDIT),
)
"""Pages, and what one must be able to do somewhere to be led there: the same as their guards ask."""


def navigation(actor: Actor) -> list[Group]:
    """Return the groups of links that this actor has, as (heading, [(path, name)])."""
    now = clock.now()
    open_to = {path for path, action in ENTRIES if may_somewhere(actor, action, now=now)}
    groups: list[Group] = [
        (
            "",
            [
                (START, _("Overview")),
                ("/staff/events", _("Events")),
                ("/staff/clock", _("Yearly clock")),
                ("/staff/groups", _("Theme groups")),
                ("/staff/letters", _("Letters to groups")),
                ("/door/", _("Check-in")),
                ("/staff/reports", _("Reports")),
                ("/staff/reports/network", _("Network effect")),
                ("/staff/surveys/compare", _("Surveys compared")),
                ("/staff/reports/funder", _("Reports to funders")),
                ("/staff/guide", _("Guide")),
            ],
        ),
        (
            _("Network"),
            [
                ("/staff/organisations", _("Organisations")),
                ("/staff/projects", _("Projects")),
                ("/staff/surveys/bank", _("Bank of survey questions")),
            ],
        ),
        (
            _("Administration"),
            [
                ("/staff/feedback", _("Feedback")),
                ("/staff/privacy", _("Privacy notice")),
                ("/staff/templates", _("Words of letters")),
                ("/staff/reminders", _("Default reminders")),
                ("/staff/mailbox", _("Sent mail")),
                ("/staff/people", _("Staff and rights")),
                ("/staff/tokens", _("API keys")),
                ("/staff/webhooks", _("Webhooks")),
                ("/staff/audit", _("Audit trail")),
            ],
        ),
    ]
    shown = [(heading, [item for item in items if item[0] in open_to]) for heading, items in groups]
    return [(heading, items) for heading, items in shown if items]


def current_entry(path: str) -> str:
    """Return the entry of the navigation under which a path lies, or "" when it is under none."""
    if path.rstrip("/") == START.rstrip("/"):
        return START
    under = [entry for entry, _action in ENTRIES if entry != START and path.startswith(entry)]
    return max(under, key=len, default="")
