"""API tokens: made, shown once, revoked."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from events.accounts import actions, queries, token_queries
from events.accounts.forms import TokenForm
from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.accounts.tables import Scope
from events.accounts.words import WORDS
from events.core import clock
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other

TOKENS = "/staff/tokens"
GUARDS = [Requires(Action.MANAGE_TOKENS)]


@get(TOKENS, guards=GUARDS, include_in_schema=False)
async def tokens_page(request: AnyRequest) -> Template:
    """All tokens, and the form for a new one."""
    return await _page(request, TokenForm())


@post(TOKENS, guards=GUARDS, include_in_schema=False)
async def add_token(request: AnyRequest) -> Template:
    """Make a token and show it, this once."""
    sent = await read_form(request)
    if shown := sent.text("key"):
        return await _show_again(request, shown)
    form = TokenForm(sent)
    if not form.validate():
        return await _page(request, form, form.status)
    slug = form.event.data or ""
    event = await queries.event_named(slug=slug) if slug else None
    if slug and event is None:
        form.event.errors = [_("There is no such event.")]
        return await _page(request, form, 422)
    token = await actions.add_token(
        form.name.data, Scope(form.scope.data), event.id if event else None, actor=actor_of(request), now=clock.now()
    )
    return page(request, "accounts/token.html", token=token, name=form.name.data)


async def _show_again(request: AnyRequest, key: str) -> Template:
    """Show a key that the page itself sent along, as when its language is changed: only the browser still has it."""
    name = await token_queries.token_name(key)
    if name is None:
        return await _page(request, TokenForm())
    return page(request, "accounts/token.html", token=key, name=name)


@post(f"{TOKENS}/{{token_id:uuid}}/revoke", guards=GUARDS, include_in_schema=False)
async def revoke_token(request: AnyRequest, token_id: FromPath[UUID]) -> Redirect:
    """Make a token useless."""
    await actions.revoke_token(token_id, actor=actor_of(request), now=clock.now())
    return see_other(f"{TOKENS}?saved=revoked")


async def _page(request: AnyRequest, form: TokenForm, status: int = 200) -> Template:
    return page(
        request,
        "accounts/tokens.html",
        status=status,
        form=form,
        tokens=await token_queries.tokens(),
        **WORDS,
        saved=request.query_params.get("saved", ""),
    )


ROUTES = [tokens_page, add_token, revoke_token]
