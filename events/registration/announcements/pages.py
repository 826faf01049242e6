"""Writing to people of an event: whom, what, a look at it, a trial to oneself, sending, and how far it is."""

from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, NotFound
from events.core.forms import read_form
from events.core.i18n import language
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.announcements import actions, queries, rules, turning
from events.registration.announcements.forms import AnnouncementForm, begun
from events.registration.announcements.letters import looks, values
from events.registration.announcements.queries import AnnouncementView
from events.registration.announcements.tables import AnnouncementState
from events.registration.staff.filters import read_view
from events.registration.staff.reach import event_for

PATH = "/staff/events/{slug:str}/announcements"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def announcements_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What has been written to people of an event, and how far each mail is."""
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    return page(
        request,
        "registration/announcements/list.html",
        event=event,
        announcements=await queries.of_event(event.id),
    )


@get(f"{PATH}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def announcement_page(request: AnyRequest, slug: FromPath[str], identity: FromPath[UUID]) -> Template:
    """One of them: how far it is, to whom it goes, and what it says in each language."""
    event, found = await _found(request, slug, identity)
    return page(
        request,
        "registration/announcements/one.html",
        event=event,
        each=found,
        letters=await looks(found, lambda: values(event, None)),
        saved=request.query_params.get("saved", ""),
    )


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_page(request: AnyRequest, slug: FromPath[str], like: FromQuery[UUID | None] = None) -> Template:
    """The form, with the words of another mail where it is `like` one.

    The address says to whom as that of the list of registrations does.
    """
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    other = (await _found(request, slug, like))[1] if like else None
    return await _form_page(request, event, AnnouncementForm(data=begun(other, event.zone, clock.now())), like=other)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Look at it (`look`), send it to oneself (`test`), or send it as looked at (`send`); sent twice it is one mail."""
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    form, sent, now = AnnouncementForm(data := await read_form(request)), data, clock.now()
    if not form.read(event.zone, now):
        return await _form_page(request, event, form)
    actor = actor_of(request)
    if "test" in sent:
        await actions.test_to_oneself(uuid4(), event.id, form.texts, actor=actor, language=language(), now=now)
        return await _form_page(request, event, form, look=True, tested=True)
    if "send" not in sent or not form.is_seen:
        return await _form_page(request, event, form, look=True, unseen="send" in sent)
    identity, when = form.identified(), form.send_at or now
    try:
        await actions.announce(
            identity, event.id, form.texts, chosen=_chosen(request), send_at=when, actor=actor, now=now
        )
    except Conflict as conflict:
        form.begin_anew(conflict.message)
        return await _form_page(request, event, form, look=True)
    return see_other(f"/staff/events/{event.slug}/announcements/{identity}")


@post(f"{PATH}/{{identity:uuid}}/turn", guards=GUARDS, include_in_schema=False)
async def turn(request: AnyRequest, slug: FromPath[str], identity: FromPath[UUID]) -> Redirect:
    """Pause, go on with, stop or take back what goes out: the button's name says which."""
    event, found = await _found(request, slug, identity)
    here = f"/staff/events/{event.slug}/announcements"
    return see_other(
        await turning.turn(found, await read_form(request), here, actor=actor_of(request), now=clock.now())
    )


async def _found(request: AnyRequest, slug: str, identity: UUID) -> tuple[EventView, AnnouncementView]:
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    found = await queries.by_id(identity)
    if found is None or found.event != event.id or found.state is AnnouncementState.TEST:
        raise NotFound
    return event, found


def _chosen(request: AnyRequest) -> str:
    return read_view(request.query_params.multi_items(), ()).query()


async def _form_page(
    request: AnyRequest,
    event: EventView,
    form: AnnouncementForm,
    *,
    look: bool = False,
    tested: bool = False,
    unseen: bool = False,
    like: AnnouncementView | None = None,
) -> Template:
    if look:
        form.look()
    chosen = _chosen(request)
    audience = await queries.audience(await actions.meant(event.id, chosen))
    return page(
        request,
        "registration/announcements/new.html",
        status=422 if form.errors and not form.only_language_changes else 200,
        event=event,
        zone=event.zone,
        form=form,
        chosen=chosen,
        audience=audience,
        placeholders=rules.PLACEHOLDERS,
        letters=await looks(form.words, lambda: values(event, None)) if look else {},
        tested=tested,
        unseen=unseen,
        like=like,
    )


ROUTES: list[ControllerRouterHandler] = [announcements_page, announcement_page, new_page, new, turn]
