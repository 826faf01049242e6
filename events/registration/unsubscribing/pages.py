"""What the unsubscribe links of letters and invitations show and do; opening one changes nothing."""

from collections.abc import Sequence

from litestar.response import Redirect, Template
from msgspec import Struct

from events.core import clock
from events.core.errors import BadRequest
from events.core.forms import read_form
from events.core.http import speak
from events.core.i18n import LANGUAGES, language
from events.core.web import AnyRequest, page, see_other
from events.messaging.actions import hear_of_themes, refuse_themes, unsubscribe
from events.network import queries as network
from events.registration.consents import consent_texts
from events.registration.tables import ConsentKind
from events.registration.unsubscribing import actions
from events.registration.unsubscribing.queries import standing

ALL, THEMES = "all", "themes"
"""What the buttons of the page send: all letters and invitations, or those alone that are about some themes."""


class Link(Struct, frozen=True):
    """Where someone may leave: their address, the language and themes of what they got, the path, one to go back to."""

    address: str
    language: str
    themes: Sequence[str]
    path: str
    back: str = ""


async def show(request: AnyRequest, link: Link) -> Template:
    """Say how the address stands now, in the language of the letter, and offer what can be done about it."""
    speak(request.scope, link.language)
    named = {theme.code: theme.name for theme in await network.themes()}
    found = await standing(link.address, link.themes)
    return page(
        request,
        "registration/unsubscribing.html",
        link=link,
        themes=", ".join(named.get(code, code) for code in link.themes),
        standing=found,
        may_undo=found.may_undo(clock.now()),
        agreement=consent_texts(language())[ConsentKind.NEWS],
        again=request.query_params.get("saved") == "again",
    )


async def leave(request: AnyRequest, link: Link) -> Template:
    """Write to the address no more; mail programs send this by themselves, without cookies (RFC 8058).

    They mean all letters, whatever else they send; the page alone can ask for the themes.
    """
    try:
        wanted = (await read_form(request)).text("what")
    except BadRequest:
        wanted = ""
    if wanted == THEMES and link.themes:
        await refuse_themes(link.address, link.themes, now=clock.now())
    else:
        await unsubscribe(link.address, now=clock.now())
    return await show(request, link)


async def undo(request: AnyRequest, link: Link) -> Redirect:
    """Take back what `leave` did; raises BadRequest for what no button of the page sends, as mail programs may."""
    sent = await read_form(request)
    speak(request.scope, link.language)
    match sent.text("again"):
        case "all":
            read_in = sent.text("read_in")
            shown = read_in if read_in in LANGUAGES else language()
            await actions.undo(link.address, language=shown, now=clock.now())
        case "themes":
            await hear_of_themes(link.address, link.themes)
        case _:
            raise BadRequest
    return see_other(f"{link.path}?saved=again")
