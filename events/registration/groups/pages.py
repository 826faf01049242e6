"""A theme group's page: who answered and came; and its next meeting, by one button."""

from collections import Counter
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Invalid
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other, told_number
from events.network import queries as network
from events.network.queries import GroupView
from events.programme.rules import ZONE, to_local
from events.registration.groups import foresight, history, inviting
from events.registration.groups import meetings as group_meetings
from events.registration.groups.forms import MOST_MEETINGS, MeetingForm

PATH = "/staff/groups/{identity:uuid}"
COUNTS = (1, 2, 4, 6, 12)
"""How many meetings at once are proposed: a year of them, evenly apart."""

GUARDS = [Requires(Action.LEAD_GROUPS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def group_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Who answered what to the coming meeting, and who came to the last ones."""
    now = clock.now()
    group = await group_meetings.led(identity, actor_of(request), now)
    local = to_local(now, ZONE).date()
    meetings, rows = await history.seen(group.id, await network.members(group.id, local), now)
    counts = {
        meeting.id: Counter(row.cells[meeting.id] for row in rows if meeting.id in row.cells) for meeting in meetings
    }
    return page(
        request,
        "registration/group.html",
        group=group,
        meetings=meetings,
        rows=rows,
        counts=counts,
        to_close=[meeting for meeting in meetings if meeting.ends_at <= now and not meeting.reconciled],
        coming=await history.coming(group.id, now),
        words=_words(),
        may_hand_over=may(actor_of(request), Action.ADD_CO_ORGANISERS, now=now, region=group.region),
        uninvited=await inviting.uninvited(group.id, now),
        left_over=await inviting.left_over(group.id, now),
        saved=request.query_params.get("saved", ""),
        told=told_number(request.query_params.get("told", "")),
    )


@get(f"{PATH}/meeting", guards=GUARDS, include_in_schema=False)
async def meeting_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Ask for the days and the time, and say what will happen; `meetings` is how many are proposed."""
    now = clock.now()
    group = await group_meetings.led(identity, actor_of(request), now)
    wanted = told_number(request.query_params.get("meetings", ""))
    last = await group_meetings.last_meeting(group.id)
    local = group_meetings.proposals(last, now, min(max(1, wanted), MOST_MEETINGS))
    data = {"days": [moment.date() for moment in local], "starts": local[0].time()}
    return await _meeting_page(request, group, MeetingForm(data=data))


@post(f"{PATH}/meeting", guards=GUARDS, include_in_schema=False)
async def make_meeting(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Make, publish, invite; or make drafts, to be looked at first."""
    now, actor = clock.now(), actor_of(request)
    group = await group_meetings.led(identity, actor, now)
    sent = await read_form(request)
    form, draft = MeetingForm(sent), "draft" in sent
    if form.validate():
        places = list(form.chosen)
        try:
            made = await group_meetings.meet(
                group.id, list(form.chosen.values()), form.starts.data, actor=actor, now=now, draft=draft
            )
        except Invalid as invalid:
            for name, messages in invalid.errors.items():
                form.days[places[int(name.removeprefix("days-"))]].errors = messages
            form.days.errors = [_("Some answers need mending")]
        else:
            if draft and len(made.events) == 1:
                return see_other(f"/staff/events/{made.events[0].slug}")
            return see_other(f"/staff/groups/{group.id}?saved={'drafts' if draft else 'met'}&told={made.invited}")
    return await _meeting_page(request, group, form, 422 if form.errors else 200)


async def _meeting_page(request: AnyRequest, group: GroupView, form: MeetingForm, status: int = 200) -> Template:
    now, last = clock.now(), await group_meetings.last_meeting(group.id)
    local = group_meetings.proposed(last, now)
    day = next(iter(form.chosen.values()), local.date())
    members, without = await group_meetings.invitable(group.id, day)
    projects = await network.projects([group.project] if group.project else last.projects if last else [])
    return page(
        request,
        "registration/group_meeting.html",
        status=status,
        group=group,
        form=form,
        last=last,
        findings=foresight.findings(group, last, local, projects, now),
        members=members,
        without=without,
        counts=COUNTS,
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
