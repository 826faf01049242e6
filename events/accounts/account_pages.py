"""One's own account: name, password, sessions."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from events.accounts import actions, queries, sessions, sign_in
from events.accounts.authentication import session_token
from events.accounts.forms import OwnForm, PasswordForm
from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.accounts.sign_in import WrongCredentials
from events.accounts.sign_in_pages import TRIES_FOR_ADDRESS, WINDOW
from events.accounts.tables import Digest
from events.accounts.words import WORDS
from events.core import clock, database, secrets
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.limits import forgive, limit
from events.core.web import AnyRequest, page, see_other

ACCOUNT = "/staff/account"
GUARDS = [Requires(Action.SEE_STAFF_PAGES)]


@get(ACCOUNT, guards=GUARDS, include_in_schema=False)
async def account_page(request: AnyRequest) -> Template:
    """Name, password and sessions."""
    return await _page(request)


@post(ACCOUNT, guards=GUARDS, include_in_schema=False)
async def edit_account(request: AnyRequest) -> Template | Redirect:
    """Change name, language and how often a summary comes."""
    form = OwnForm(await read_form(request))
    if not form.validate():
        return await _page(request, own=form)
    changes = (form.name.data, form.language.data, Digest(form.digest.data))
    await actions.edit_own(*changes, actor=actor_of(request), now=clock.now())
    return see_other(f"{ACCOUNT}?saved=own")


@post(f"{ACCOUNT}/password", guards=GUARDS, include_in_schema=False)
async def change_password(request: AnyRequest) -> Template | Redirect:
    """Change the password; every other session ends."""
    form, actor, now = PasswordForm(await read_form(request)), actor_of(request), clock.now()
    if not form.validate():
        return await _page(request, password=form)
    await limit("password", str(actor.id), uses=TRIES_FOR_ADDRESS, window=WINDOW, now=now)
    try:
        await sign_in.change_password(
            form.current.data or "", form.password.data, token=session_token(request.scope), actor=actor, now=now
        )
    except WrongCredentials as error:
        form.current.errors = [error.message]
        return await _page(request, password=form)
    await forgive("password", str(actor.id))
    return see_other(f"{ACCOUNT}?saved=password")


@post(f"{ACCOUNT}/sessions/{{session_id:uuid}}/revoke", guards=GUARDS, include_in_schema=False)
async def revoke_session(request: AnyRequest, session_id: FromPath[UUID]) -> Redirect:
    """End one of one's own sessions."""
    await sessions.revoke(session_id, actor=actor_of(request), now=clock.now())
    return see_other(f"{ACCOUNT}?saved=sessions")


@post(f"{ACCOUNT}/sessions/revoke-others", guards=GUARDS, include_in_schema=False)
async def revoke_other_sessions(request: AnyRequest) -> Redirect:
    """End all sessions but this one."""
    await sessions.revoke_others(session_token(request.scope), actor=actor_of(request), now=clock.now())
    return see_other(f"{ACCOUNT}?saved=sessions")


async def _page(request: AnyRequest, *, own: OwnForm | None = None, password: PasswordForm | None = None) -> Template:
    actor, now = actor_of(request), clock.now()
    if actor.id is None:
        raise NotFound
    me = await queries.member(actor.id)
    sent = own or password
    return page(
        request,
        "accounts/account.html",
        status=200 if sent is None or sent.only_language_changes else 422,
        me=me,
        own=own or OwnForm(data={"name": me.name, "language": me.language, "digest": me.digest}),
        password=password or PasswordForm(),
        has_password=bool(await database.fetchval("SELECT password_hash IS NOT NULL FROM staff WHERE id = $1", me.id)),
        sessions=await queries.sessions_of(actor.id, secrets.digest(session_token(request.scope)), now),
        saved=request.query_params.get("saved", "") if sent is None else "",
        **WORDS,
    )


ROUTES = [account_page, edit_account, change_password, revoke_session, revoke_other_sessions]
