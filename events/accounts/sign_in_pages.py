"""Signing in by password or one-time link, accepting an invitation, signing out."""

from datetime import datetime, timedelta
from typing import Any

from litestar import get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from litestar.response import Redirect, Template

from events.accounts import links, queries, sign_in
from events.accounts.authentication import session_cookie, session_token
from events.accounts.forms import FirstPasswordForm, LinkForm, SignInForm
from events.accounts.guards import PUBLIC, actor_of
from events.accounts.links import local_path
from events.accounts.sessions import device_of
from events.accounts.sign_in import LinkGone, SignedIn, WrongCredentials
from events.accounts.tables import LinkPurpose
from events.core import clock
from events.core.actor import ActorKind
from events.core.errors import NotAllowed
from events.core.forms import read_form
from events.core.limits import forgive, limit, network_of
from events.core.web import SIGN_IN, AnyRequest, page, see_other

WINDOW = timedelta(minutes=15)
TRIES_FOR_ADDRESS = 10
TRIES_FROM_NETWORK = 60
LINKS_FOR_ADDRESS = 4
LINKS_FROM_NETWORK = 30


@get(SIGN_IN, opt=PUBLIC, include_in_schema=False)
async def sign_in_page(request: AnyRequest) -> Template | Redirect:
    """Both ways to sign in; who is signed in already is led on."""
    wanted = request.query_params.get("next", "")
    if actor_of(request).kind is ActorKind.STAFF:
        return see_other(local_path(wanted))
    return _sign_in_page(request, form=SignInForm(), wanted=wanted)


@post(SIGN_IN, opt=PUBLIC, include_in_schema=False)
async def sign_in_by_password(request: AnyRequest) -> Template | Redirect:
    """Check address and password."""
    sent = await read_form(request)
    form, wanted = SignInForm(sent), sent.text("next")
    if not form.validate():
        return _sign_in_page(request, form.status, form=form, wanted=wanted)
    now = clock.now()
    await limit("sign-in-from", _network(request), uses=TRIES_FROM_NETWORK, window=WINDOW, now=now)
    await limit("sign-in", form.email.data, uses=TRIES_FOR_ADDRESS, window=WINDOW, now=now)
    try:
        signed_in = await sign_in.by_password(form.email.data, form.password.data, **_browser(request), now=now)
    except (WrongCredentials, NotAllowed) as error:
        form.form_errors.append(error.message)
        return _sign_in_page(request, 422, form=form, wanted=wanted)
    await forgive("sign-in", form.email.data)
    return _lead_on(signed_in, wanted)


@post(f"{SIGN_IN}/link", opt=PUBLIC, include_in_schema=False)
async def send_sign_in_link(request: AnyRequest) -> Template:
    """Promise a link; whether the address is known shows neither in the answer nor in its time."""
    sent = await read_form(request)
    form, wanted = LinkForm(sent), sent.text("next")
    if not form.validate():
        shown = SignInForm(sent)
        shown.email.errors = form.email.errors
        return _sign_in_page(request, 422, form=shown, wanted=wanted)
    now = clock.now()
    await limit("sign-in-link-from", _network(request), uses=LINKS_FROM_NETWORK, window=WINDOW, now=now)
    await limit("sign-in-link", form.email.data, uses=LINKS_FOR_ADDRESS, window=WINDOW, now=now)
    answer = page(request, "accounts/link_sent.html", email=form.email.data)
    # The work begins when the answer has left: a known address would take longer.
    answer.background = BackgroundTask(
        sign_in.request_link, form.email.data, next_path=local_path(wanted) if wanted else "", now=now
    )
    return answer


@get(f"{SIGN_IN}/{{secret:str}}", opt=PUBLIC, include_in_schema=False)
async def sign_in_link_page(request: AnyRequest, secret: FromPath[str]) -> Template:
    """A button: programs that look into mails follow links but press nothing."""
    opened = await links.look(secret, LinkPurpose.SIGN_IN, now=clock.now())
    if opened is None:
        return _gone(request)
    staff = await queries.member(opened.staff_id)
    return page(request, "accounts/link.html", staff_member=staff)


@post(f"{SIGN_IN}/{{secret:str}}", opt=PUBLIC, include_in_schema=False)
async def sign_in_by_link(request: AnyRequest, secret: FromPath[str]) -> Template | Redirect:
    """Use the link up."""
    try:
        signed_in = await sign_in.by_link(secret, **_browser(request), now=clock.now())
    except LinkGone:
        return _gone(request)
    return _lead_on(signed_in, signed_in.next_path)


@get("/staff/invitation/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def invitation_page(request: AnyRequest, secret: FromPath[str]) -> Template:
    """Where someone invited chooses a password."""
    return await _invitation_page(request, secret, FirstPasswordForm(), clock.now())


@post("/staff/invitation/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def accept_invitation(request: AnyRequest, secret: FromPath[str]) -> Template | Redirect:
    """Set the password and sign in, or sign in without one."""
    now, sent = clock.now(), await read_form(request)
    form, without = FirstPasswordForm(sent), "without" in sent
    if not without and not form.validate():
        return await _invitation_page(request, secret, form, now, form.status)
    await limit("invitation-from", _network(request), uses=TRIES_FROM_NETWORK, window=WINDOW, now=now)
    try:
        password = "" if without else form.password.data
        signed_in = await sign_in.accept_invitation(secret, password, **_browser(request), now=now)
    except LinkGone:
        return _gone(request)
    return _lead_on(signed_in, signed_in.next_path)


@post("/staff/sign-out", opt=PUBLIC, include_in_schema=False)
async def sign_out(request: AnyRequest) -> Redirect:
    """End the session."""
    await sign_in.sign_out(session_token(request.scope), now=clock.now())
    answer = see_other(SIGN_IN)
    answer.set_cookie(session_cookie(""))
    return answer


def _sign_in_page(
    request: AnyRequest, status: int = 200, *, form: SignInForm, wanted: str, gone: bool = False
) -> Template:
    return page(request, "accounts/sign_in.html", status=status, form=form, next_path=wanted, gone=gone)


def _gone(request: AnyRequest) -> Template:
    return _sign_in_page(request, LinkGone.status, form=SignInForm(), wanted="", gone=True)


async def _invitation_page(
    request: AnyRequest, secret: str, form: FirstPasswordForm, now: datetime, status: int = 200
) -> Template:
    opened = await links.look(secret, LinkPurpose.INVITATION, now=now)
    if opened is None:
        return _gone(request)
    staff = await queries.member(opened.staff_id)
    return page(request, "accounts/invitation.html", status=status, form=form, staff_member=staff)


def _lead_on(signed_in: SignedIn, wanted: str) -> Redirect:
    answer = see_other(local_path(wanted))
    answer.set_cookie(session_cookie(signed_in.token))
    return answer


def _browser(request: AnyRequest) -> dict[str, Any]:
    return {
        "device": device_of(request.headers.get("user-agent", "")),
        "replaces": session_token(request.scope),
    }


def _network(request: AnyRequest) -> str:
    return network_of(request.client.host if request.client else "")


ROUTES = [
    sign_in_page,
    sign_in_by_password,
    send_sign_in_link,
    sign_in_link_page,
    sign_in_by_link,
    invitation_page,
    accept_invitation,
    sign_out,
]
