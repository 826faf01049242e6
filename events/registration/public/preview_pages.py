"""What participants will see, before they do: the event's page, the form and the confirmation, in each language."""

from litestar import Response, get
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import NotFound
from events.core.i18n import LANGUAGES, in_language, language
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page
from events.messaging.letter import LETTER_POLICY, html_of
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.letter_samples import sample

PATH = "/staff/events/{slug:str}/preview"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def preview_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The chooser: what, in which language, on how wide a screen."""
    event, query = await event_to_edit(request, slug), request.query_params
    shows = {"page": _("Event page"), "form": _("Registration form"), "mail": _("Confirmation mail")}
    widths = {"wide": _("On a computer"), "phone": _("On a phone")}
    show, width, chosen = query.get("show", ""), query.get("width", ""), query.get("language", "")
    return page(
        request,
        "registration/preview.html",
        event=event,
        shows=shows,
        widths=widths,
        show=show if show in shows else "page",
        width=width if width in widths else "wide",
        chosen=chosen if chosen in LANGUAGES else language(),
    )


@get(f"{PATH}/mail/body", guards=GUARDS, include_in_schema=False)
async def preview_mail(request: AnyRequest, slug: FromPath[str]) -> Response[str]:
    """The confirmation's HTML part, for a frame."""
    event = await event_to_edit(request, slug)
    with in_language(request.query_params.get("language", "")):
        letter = await sample("confirmation", event)
    return Response(html_of(letter), media_type=MediaType.HTML, headers={"content-security-policy": LETTER_POLICY})


async def event_to_edit(request: AnyRequest, slug: str) -> EventView:
    """Return an event that the actor may edit; raises NotFound for any other."""
    event, actor, now = await programme.by_slug(slug), actor_of(request), clock.now()
    if event is None or not may(actor, Action.EDIT_EVENTS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound
    return event


ROUTES: list[ControllerRouterHandler] = [preview_page, preview_mail]
