"""Staff pages where likely duplicates of the register are merged, told apart, and merges are undone."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import BadRequest, Conflict, NotFound
from events.core.forms import FormData, read_form
from events.core.text import clean_line
from events.core.web import AnyRequest, page, page_number, see_other
from events.network import comparing, doubles, merging
from events.network.register_tables import RegisterKind

PATH = "/staff/organisations/duplicates/{of:str}"
GUARDS = [Requires(Action.EDIT_NETWORK)]

LONGEST = 100
"""Signs of a search; what is longer fits nothing."""

KINDS: Mapping[str, RegisterKind] = {"organisations": RegisterKind.ORGANISATION, "people": RegisterKind.PERSON}


@get(PATH, guards=GUARDS, include_in_schema=False)
async def duplicates_page(request: AnyRequest, of: FromPath[str]) -> Template:
    """Pairs that may be one, the likeliest first, and the merges that were done."""
    return await _page(request, of)


@post(f"{PATH}/merge", guards=GUARDS, include_in_schema=False)
async def merge_pair(request: AnyRequest, of: FromPath[str]) -> Template | Redirect:
    """Merge two: `stays` is the one that is kept."""
    kind, form = _kind(request, of), await read_form(request)
    both, stays = {_id(form, "one"), _id(form, "other")}, _id(form, "stays")
    if len(both) != 2 or stays not in both:  # noqa: PLR2004 - two make a pair
        raise BadRequest
    (gone,) = both - {stays}
    try:
        await merging.merge(kind, gone, stays, actor=actor_of(request), now=clock.now())
    except Conflict as error:
        return await _page(request, of, refused=error.message)
    return see_other(f"{_address(of)}?saved=merged")


@post(f"{PATH}/apart", guards=GUARDS, include_in_schema=False)
async def tell_apart(request: AnyRequest, of: FromPath[str]) -> Redirect:
    """Remember that two are not the same."""
    kind, form = _kind(request, of), await read_form(request)
    await merging.tell_apart(kind, _id(form, "one"), _id(form, "other"), actor=actor_of(request), now=clock.now())
    return see_other(f"{_address(of)}?saved=apart")


@post(f"{PATH}/undo", guards=GUARDS, include_in_schema=False)
async def undo_merge(request: AnyRequest, of: FromPath[str]) -> Template | Redirect:
    """Take a merge back."""
    _kind(request, of)
    form = await read_form(request)
    try:
        await merging.undo(_id(form, "merge"), actor=actor_of(request), now=clock.now())
    except Conflict as error:
        return await _page(request, of, refused=error.message)
    kept = {name: form.text(name) for name in ("q", "page") if form.text(name)}
    return see_other(f"{_address(of)}?{urlencode({**kept, 'saved': 'undone'})}")


async def _page(request: AnyRequest, of: str, *, refused: str = "") -> Template:
    kind = _kind(request, of)
    pairs, total = await doubles.pairs(kind)
    words = clean_line(request.query_params.get("q", ""))[:LONGEST]
    return page(
        request,
        "network/duplicates.html",
        status=409 if refused else 200,
        of=of,
        comparisons=await comparing.compared(kind, pairs),
        total=total,
        merges=await comparing.merges(kind, words, page=page_number(request)),
        words=words,
        merges_page=f"{_address(of)}?{urlencode({'q': words} if words else {})}&page=".replace("?&", "?"),
        saved=request.query_params.get("saved", ""),
        refused=refused,
    )


def _kind(request: AnyRequest, of: str) -> RegisterKind:
    """Return which part of the register; the whole network's people are shown to who keeps all of it."""
    if of not in KINDS or not may(actor_of(request), Action.EDIT_NETWORK, now=clock.now()):
        raise NotFound
    return KINDS[of]


def _address(of: str) -> str:
    return PATH.replace("{of:str}", of)


def _id(form: FormData, name: str) -> UUID:
    try:
        return UUID(form.text(name))
    except ValueError as error:
        raise BadRequest from error


ROUTES: list[ControllerRouterHandler] = [duplicates_page, merge_pair, tell_apart, undo_merge]
