"""What would have to be mended in a group's next meeting, said before it is made."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs

from events.core.i18n import gettext as _
from events.network.queries import GroupView, ProjectView
from events.programme.queries import EventView
from events.programme.steps import checklist
from events.programme.steps.checklist import Finding, Severity
from events.programme.tables import EventState


def findings(
    group: GroupView, last: EventView | None, starts_at: datetime, projects: Iterable[ProjectView], now: datetime
) -> list[Finding]:
    """Return what to mend in the meeting that is made like the last one and starts then; `projects` are the group's.

    Members know what their group is about: no description is missed, and hints are left out.
    """
    if last is None:
        return _of_the_first(group)
    moved = starts_at - last.starts_at
    draft = structs.replace(
        last,
        state=EventState.DRAFT.value,
        starts_at=starts_at,
        ends_at=last.ends_at + moved,
        registration_opens_at=last.registration_opens_at and last.registration_opens_at + moved,
        registration_closes_at=last.registration_closes_at and last.registration_closes_at + moved,
        projects=[group.project] if group.project else last.projects,
    )
    found = checklist.findings(draft, projects, now)
    return [
        structs.replace(each, path="")  # it does not exist yet, and the last one is not to be touched
        for each in found
        if each.severity is not Severity.HINT and not each.code.startswith("description")
    ]


def _of_the_first(group: GroupView) -> list[Finding]:
    """A first meeting has from its group what it says of itself."""
    missing = {
        "title-sv": "" if "sv" in group.names else _("There is no Swedish title."),
        "no-link": "" if group.join_url else _("The online site has no link to the meeting."),
        "no-project": "" if group.project else _("The event belongs to no project: no project’s report will count it."),
    }
    path = f"/staff/groups/{group.id}/edit"
    return [Finding(code, Severity.MISSING, words, path) for code, words in missing.items() if words]
