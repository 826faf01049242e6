"""Writing to a group: whom, what, a look at it, a trial to oneself, sending, and how far it is."""

from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict, NotFound
from events.core.forms import read_form
from events.core.i18n import language
from events.core.web import AnyRequest, page, see_other
from events.messaging.listing import MAILBOX
from events.outreach.audiences import actions, forms, letters, queries, rules
from events.outreach.audiences.forms import LetterForm
from events.outreach.audiences.rules import Audience, Group, read_audience
from events.outreach.audiences.selecting import Reach, reach_of
from events.programme.rules import ZONE
from events.registration.announcements import queries as written
from events.registration.announcements import turning
from events.registration.announcements.forms import begun
from events.registration.announcements.letters import looks
from events.registration.announcements.queries import AnnouncementView

PATH = "/staff/letters"
GUARDS = [Requires(Action.WRITE_TO_GROUPS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def letters_page(request: AnyRequest) -> Template:
    """What was written to groups and how far each letter is: one's own, and for who writes to all, everybody's."""
    return page(
        request,
        "outreach/letters/list.html",
        letters=await written.to_groups(_author(request)),
        zone=ZONE,
        mailbox=_mailbox(request),
    )


@get(f"{PATH}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def letter_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """One of them: how far it is, to whom it goes, and what it says in each language."""
    found = await _found(request, identity)
    return page(
        request,
        "outreach/letters/one.html",
        each=found,
        letters=await looks(found, letters.values),
        zone=ZONE,
        mailbox=_mailbox(request),
        saved=request.query_params.get("saved", ""),
    )


@get(f"{PATH}/whom", guards=GUARDS, include_in_schema=False)
async def whom_page(request: AnyRequest) -> Template:
    """Choose whom it is for; the address holds the choice, and the page counts whom it means."""
    within, now, audience = _reach(request), clock.now(), _audience(request)
    groups = [*audience.groups]
    if not groups or ("more" in request.query_params and len(groups) < rules.MOST_GROUPS):
        groups.append(Group())
    offered = await forms.options(within, now)
    return page(
        request,
        "outreach/letters/whom.html",
        form=forms.audience_form(audience, offered),
        groups=[forms.group_form(group, number, offered) for number, group in enumerate(groups, 1)],
        audience=audience,
        may_add=len(groups) < rules.MOST_GROUPS,
        count=await queries.count(audience, within, now) if audience.is_set else None,
        asked=any(name != "lang" for name in request.query_params),
    )


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_letter_page(request: AnyRequest, like: FromQuery[UUID | None] = None) -> Template | Redirect:
    """The form, with the words of another letter where it is `like` one; the address says to whom."""
    if not _audience(request).is_set:
        return see_other(_choose(request))
    other = await _found(request, like) if like else None
    return await _form_page(request, LetterForm(data=begun(other, ZONE, clock.now())), like=other)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def write_letter(request: AnyRequest) -> Template | Redirect:
    """Look at it (`look`), send it to oneself (`test`), or send it as looked at (`send`); twice is one letter."""
    audience, sent, now = _audience(request), await read_form(request), clock.now()
    if not audience.is_set:
        return see_other(_choose(request))
    form, actor = LetterForm(sent), actor_of(request)
    if not form.read(ZONE, now):
        return await _form_page(request, form)
    if "test" in sent:
        await actions.try_on_oneself(uuid4(), audience, form.texts, actor=actor, language=language(), now=now)
        return await _form_page(request, form, look=True, tested=True)
    if "send" not in sent or not form.is_seen:
        return await _form_page(request, form, look=True, unseen="send" in sent)
    when = form.send_at or now
    identity = form.identified()
    try:
        await actions.write(identity, audience, form.texts, send_at=when, actor=actor, now=now)
    except Conflict as conflict:
        form.begin_anew(conflict.message)
        return await _form_page(request, form, look=True)
    return see_other(f"{PATH}/{identity}")


@post(f"{PATH}/{{identity:uuid}}/turn", guards=GUARDS, include_in_schema=False)
async def turn_letter(request: AnyRequest, identity: FromPath[UUID]) -> Redirect:
    """Pause, go on with, stop or take back what goes out: the button's name says which."""
    found, sent = await _found(request, identity), await read_form(request)
    return see_other(await turning.turn(found, sent, PATH, actor=actor_of(request), now=clock.now()))


async def _found(request: AnyRequest, identity: UUID) -> AnnouncementView:
    found = await written.to_group(identity, _author(request))
    if found is None:
        raise NotFound
    return found


def _author(request: AnyRequest) -> UUID | None:
    """Return whose letters one sees: one's own, or, for who writes to all, None for everybody's."""
    actor = actor_of(request)
    return None if may(actor, Action.WRITE_TO_GROUPS, now=clock.now()) else actor.id


def _mailbox(request: AnyRequest) -> str:
    """Return where one reads what became of each message, "" for who does not see them."""
    return MAILBOX if may(actor_of(request), Action.SEE_MAILBOX, now=clock.now()) else ""


def _audience(request: AnyRequest) -> Audience:
    return read_audience(request.query_params.multi_items())


def _choose(request: AnyRequest) -> str:
    """Return where one chooses whom a letter is for, with what was chosen."""
    chosen = _audience(request).query()
    return f"{PATH}/whom?{chosen}" if chosen else f"{PATH}/whom"


def _reach(request: AnyRequest) -> Reach:
    return reach_of(actor_of(request), clock.now())


async def _form_page(
    request: AnyRequest,
    form: LetterForm,
    *,
    look: bool = False,
    tested: bool = False,
    unseen: bool = False,
    like: AnnouncementView | None = None,
) -> Template:
    if look:
        form.look()
    audience = _audience(request)
    count = await queries.count(audience, _reach(request), clock.now())
    return page(
        request,
        "outreach/letters/new.html",
        status=422 if form.errors and not form.only_language_changes else 200,
        form=form,
        zone=ZONE,
        chosen=audience.query(),
        count=count,
        audience=count,
        placeholders=rules.PLACEHOLDERS,
        letters=await looks(form.words, letters.values) if look else {},
        tested=tested,
        unseen=unseen,
        like=like,
    )


ROUTES: list[ControllerRouterHandler] = [
    *(letters_page, letter_page, whom_page, new_letter_page, write_letter, turn_letter),
]
