"""The private link: one's own registration, to look at and change; leaving stands in `leaving_pages`."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec import structs

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import BaseForm, FormData, read_form
from events.core.i18n import LANGUAGES, language
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.agenda.rules import at_site, lines
from events.registration import actions, calendar, consents, rules
from events.registration.admission import NotAdmitted, OrganisationFull
from events.registration.items.chosen import CHOSEN, agenda_lines
from events.registration.own import feed_pages
from events.registration.own.changing import change_own_details
from events.registration.own.hearing_again import ask_who_agreed, stopped
from events.registration.own.joining import meeting
from events.registration.own.link import event_of, found_by, own_by, person_of
from events.registration.own.participants import may_see
from events.registration.own.programme_sections import letting_join, own_programme
from events.registration.person_form import AddressForm, PersonForm, details_in, present
from events.registration.places import has_room, place_names
from events.registration.public.answer_pages import answer_page
from events.registration.public.forms import ASKED_CONSENTS
from events.registration.public.receipts import Receipt
from events.registration.queries import RegistrationView
from events.registration.questions.sections import own_questions
from events.registration.tables import ConsentKind


@get("/r/{token:str}", opt=PUBLIC, include_in_schema=False)
async def private_page(request: AnyRequest, token: FromPath[str]) -> Template:
    """One's registration; or, right after the form, what was answered."""
    found = await found_by(request, token)
    if isinstance(found, Receipt):
        return await answer_page(request, token, found, AddressForm(), 200)
    return await own_page(request, token, found, 200)


@post("/r/{token:str}", opt=PUBLIC, include_in_schema=False)
async def change(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Change one's details; a new address gets the new private link, and whoever typed it does not."""
    registration = await own_by(request, token)
    form = PersonForm(await read_form(request))
    await form.offer_choices()
    new = form.read()
    if new is None:
        return await own_page(request, token, registration, form.status, form=form)
    details = details_in(new, language=new.language)
    try:
        changed = await change_own_details(registration.id, details, actor=person_of(registration), now=clock.now())
    except Invalid as invalid:
        form.show(invalid.errors)
    except (NotAdmitted, OrganisationFull) as refused:
        form.show({"organisation": [refused.message]})
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
    else:
        if changed.manage_generation == registration.manage_generation:
            return see_other(f"/r/{token}?saved=details")
        event = await event_of(registration.event)
        return page(
            request,
            "registration/address_changed.html",
            path="/",
            event=event,
            email=details.email,
            state=changed.state,
        )
    return await own_page(request, token, registration, 422, form=form)


@post("/r/{token:str}/site", opt=PUBLIC, include_in_schema=False)
async def change_site(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Attend at another site of the event."""
    registration, form = await own_by(request, token), await read_form(request)
    site, actor = _uuid(form, "site"), person_of(registration)
    try:
        await actions.move_site(registration.id, site, actor=actor, now=clock.now(), may_wait="wait" in form)
    except Conflict as conflict:
        return await own_page(request, token, registration, 409, refusal=conflict.message)
    return see_other(f"/r/{token}?saved=site")


@post(["/r/{token:str}/accept", "/r/{token:str}/confirm", "/r/{token:str}/again"], opt=PUBLIC, include_in_schema=False)
async def say_yes(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Take the place that is offered, confirm one's address, or queue again after letting such a place lapse."""
    registration, wanted = await own_by(request, token), request.url.path.rpartition("/")[2]
    deed = {"accept": actions.accept_offer, "confirm": actions.confirm_address, "again": actions.queue_again}[wanted]
    try:
        await deed(registration.id, actor=person_of(registration), now=clock.now())
    except Conflict as conflict:
        return await own_page(request, token, registration, 409, refusal=conflict.message)
    return see_other(f"/r/{token}?saved={wanted}")


@post("/r/{token:str}/consents", opt=PUBLIC, include_in_schema=False)
async def change_consents(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Give or withdraw consents: what is ticked holds from now on."""
    registration, form = await own_by(request, token), await read_form(request)
    given = {kind for kind in ASKED_CONSENTS if kind.value in form}
    read_in, actor = form.text("read_in"), person_of(registration)
    shown = read_in if read_in in LANGUAGES else language()
    await consents.settle(registration.id, given, asked=ASKED_CONSENTS, language=shown, actor=actor, now=clock.now())
    if ConsentKind.NEWS in given and not actor.by_mail:
        await ask_who_agreed(registration.id, now=clock.now())
    return see_other(f"/r/{token}?saved=consents")


@get("/r/{token:str}/calendar.ics", opt=PUBLIC, include_in_schema=False)
async def calendar_entry(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The place for one's own calendar, under the UID that the mail's entry has."""
    found = await found_by(request, token)
    event = await event_of(found.event)
    if isinstance(found, Receipt):
        held, chosen = calendar.Held(found.registration or found.id, 0, found.state), found.entered.site
    else:
        held, chosen = calendar.Held(found.id, found.revision, found.state), found.site
    site = next((site for site in event.sites if site.id == chosen), event.sites[0])
    if isinstance(found, Receipt):  # only what was entered: whether the address is theirs nobody knows yet
        site = structs.replace(site, join_url="")
        here = at_site(await programme.agenda(event.id), site.id)
        agenda = lines(here, event.zone, dict.fromkeys(found.items, CHOSEN))
    else:
        agenda = await agenda_lines(event, site.id, found.id)
    place = calendar.Place(site, (await place_names(event))[site.id], agenda)
    text = calendar.published(held, event, place, now=clock.now())
    headers = {"content-disposition": f'attachment; filename="{event.slug}.ics"'}
    return Response(text, media_type=calendar.CONTENT_TYPE, headers=headers)


async def own_page(
    request: AnyRequest,
    token: str,
    registration: RegistrationView,
    status: int,
    *,
    form: PersonForm | None = None,
    answers_form: BaseForm | None = None,
    items_form: BaseForm | None = None,
    refusal: str = "",
) -> Template:
    """One's registration, with the forms as they were sent, or what was refused."""
    event = await event_of(registration.event)
    names = await place_names(event)
    if form is None:
        form = PersonForm(data=present(registration))
        await form.offer_choices()
    if event.per_organisation is not None and registration.organisation:  # as `admission.require_as_admitted`
        form.need_organisation()
    now = clock.now()
    return page(
        request,
        "registration/own.html",
        status=status,
        headers=letting_join(meeting(event, registration, now)),
        token=token,
        registration=registration,
        event=event,
        held=event.ends_at <= now,
        site=next(site for site in event.sites if site.id == registration.site),
        place=names[registration.site],
        other_sites=[
            (site, names[site.id], has_room(site)) for site in event.open_sites if site.id != registration.site
        ],
        form=form,
        may_queue_again=registration.lapsed and rules.window(event, now) is rules.Window.OPEN,
        may_change=not registration.gone and rules.may_change(event.starts_at, person_of(registration), now),
        sees_others=may_see(registration.state, event, now),
        consents=await _consents(registration),
        news_stopped=await stopped(registration.email) if registration.by_mail else None,
        feed=await feed_pages.address_of(registration),
        **await own_questions(event, registration, answers_form),
        **await own_programme(event, registration, now, items_form),
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
    )


async def _consents(registration: RegistrationView) -> list[tuple[ConsentKind, tuple[str, str], bool]]:
    """Return each consent, its text with its language, and whether it holds."""
    given = await consents.given(registration.id)
    texts = consents.consent_texts(language())
    return [(kind, given.get(kind, (texts[kind], language())), kind in given) for kind in ASKED_CONSENTS]


def _uuid(form: FormData, name: str) -> UUID:
    try:
        return UUID(form.get(name, [""])[0])
    except ValueError:
        raise NotFound from None


ROUTES: list[ControllerRouterHandler] = [
    private_page,
    change,
    change_site,
    say_yes,
    change_consents,
    calendar_entry,
]
