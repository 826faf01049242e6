"""A theme group's page: who answered and came; and its next meeting, by one button."""

from collections import Counter
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other, told_number
from events.network import queries as network
from events.network.queries import GroupView
from events.programme.rules import ZONE, to_local
from events.registration.groups import foresight, history, inviting
from events.registration.groups import meetings as group_meetings
from events.registration.groups.forms import MeetingForm

PATH = "/staff/groups/{identity:uuid}"
GUARDS = [Requires(Action.LEAD_GROUPS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def group_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Who answered what to the coming meeting, and who came to the last ones."""
    now = clock.now()
    group = await group_meetings.led(identity, actor_of(request), now)
    local = to_local(now, ZONE).date()
    meetings, rows = await history.seen(group.id, await network.members(group.id, local))
    counts = {
        meeting.id: Counter(row.cells[meeting.id] for row in rows if meeting.id in row.cells) for meeting in meetings
    }
    return page(
        request,
        "registration/group.html",
        headers={"cache-control": "no-store"},
        group=group,
        meetings=meetings,
        rows=rows,
        counts=counts,
        coming=[meeting for meeting in meetings if meeting.starts_at > now],
        words=_words(),
        uninvited=await inviting.uninvited(group.id, now),
        left_over=await inviting.left_over(group.id, now),
        saved=request.query_params.get("saved", ""),
        told=told_number(request.query_params.get("told", "")),
    )


@get(f"{PATH}/meeting", guards=GUARDS, include_in_schema=False)
async def meeting_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Ask for day and time, and say what will happen."""
    now = clock.now()
    group = await group_meetings.led(identity, actor_of(request), now)
    local = group_meetings.proposed(await group_meetings.last_meeting(group.id), now)
    return await _meeting_page(request, group, MeetingForm(data={"day": local.date(), "starts": local.time()}))


@post(f"{PATH}/meeting", guards=GUARDS, include_in_schema=False)
async def make_meeting(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Make, publish, invite."""
    now, actor = clock.now(), actor_of(request)
    group = await group_meetings.led(identity, actor, now)
    form = MeetingForm(await read_form(request))
    status = 200 if form.only_language_changes else 422
    if form.validate():
        try:
            made = await group_meetings.meet(group.id, form.day.data, form.starts.data, actor=actor, now=now)
            return see_other(f"/staff/groups/{group.id}?saved=met&told={made.invited}")
        except Invalid as invalid:
            for name, messages in invalid.errors.items():
                form[name].errors = [*form[name].errors, *messages]
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
            status = 409
    return await _meeting_page(request, group, form, status)


async def _meeting_page(request: AnyRequest, group: GroupView, form: MeetingForm, status: int = 200) -> Template:
    now, last = clock.now(), await group_meetings.last_meeting(group.id)
    local = group_meetings.proposed(last, now)
    members, without = await group_meetings.invitable(group.id, form.day.data or local.date())
    projects = await network.projects([group.project] if group.project else last.projects if last else [])
    return page(
        request,
        "registration/group_meeting.html",
        status=status,
        headers={"cache-control": "no-store"},
        group=group,
        form=form,
        last=last,
        findings=foresight.findings(group, last, local, projects, now),
        members=members,
        without=without,
    )


def _words() -> dict[str, tuple[str, str]]:
    """Return tone and word of each cell."""
    return {
        "attended": ("ok", _("Attended")),
        "no_show": ("bad", _("Did not attend")),
        "yes": ("ok", _("Coming")),
        "no": ("bad", _("Not coming")),
        "later": ("warn", _("Answers later")),
        "sent": ("", _("No answer yet")),
    }


ROUTES: list[ControllerRouterHandler] = [group_page, meeting_page, make_meeting]
