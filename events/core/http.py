"""What every answer has and every request passes: headers, language, same-origin check."""

import re
from urllib.parse import parse_qs, urlsplit

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from events.core.actor import ActorKind
from events.core.errors import NotAllowed
from events.core.i18n import LANGUAGES, in_language, negotiate, set_language
from events.core.i18n import gettext as _
from events.core.settings import get_settings

LANGUAGE_COOKIE = "language"
YEAR = 365 * 24 * 3600

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
FRAMED = {"content-security-policy": CONTENT_SECURITY_POLICY.replace("ancestors 'none'", "ancestors 'self'")}
"""Said of a page that a page of ours shows in a frame."""

SECRET_ADDRESS = re.compile(r"\{(token|secret|ticket)[:}]")
"""Routes whose address opens something: what they answer belongs to no cache and to no search engine."""

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}

_ENCODED = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


async def add_headers(message: Message, scope: Scope) -> None:
    """Put the safety headers on every answer, errors included; a route may set a header of its own first."""
    if message["type"] != "http.response.start":
        return
    secure = get_settings().secure_cookies
    ours = list(_ENCODED)
    behind_secret = SECRET_ADDRESS.search(scope.get("path_template", "")) is not None
    if behind_secret:
        ours.append((b"x-robots-tag", b"noindex"))
    if behind_secret or ((user := scope.get("user")) and user.kind is not ActorKind.ANONYMOUS):
        ours.append((b"cache-control", b"no-store"))  # nothing of it remains behind a sign-out
    if secure:
        ours.append((b"strict-transport-security", b"max-age=%d" % YEAR))
    set_before = {name.lower() for name, _value in message["headers"]}
    headers = [*message["headers"], *(header for header in ours if header[0] not in set_before)]
    if chosen := scope.get("state", {}).get("chosen_language"):
        flags = f"Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly{'; Secure' if secure else ''}"
        headers.append((b"set-cookie", f"{LANGUAGE_COOKIE}={chosen}; {flags}".encode()))
    message["headers"] = headers


def header(scope: Scope, name: bytes) -> str:
    """Return a request header, or "" when it was not sent."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def cookie(scope: Scope, name: str) -> str:
    """Return a cookie of the request, or "" when there is none or it cannot be read."""
    sent = header(scope, b"cookie")
    if name not in sent:
        return ""
    for part in sent.split(";"):
        key, _equals, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def language_of(scope: Scope) -> str:
    """Return the language of a request: the switch, else the cookie, a letter's (`speak`), Accept-Language, Finnish."""
    query = scope.get("query_string", b"")
    if b"lang=" in query:
        wanted = parse_qs(query.decode("latin-1")).get("lang", [""])[0]
        if wanted in LANGUAGES:
            scope["state"]["chosen_language"] = wanted
            return wanted
    kept = cookie(scope, LANGUAGE_COOKIE)
    if kept in LANGUAGES:
        return kept
    return scope.get("state", {}).get("letter_language") or negotiate(header(scope, b"accept-language"))


def speak(scope: Scope, code: str) -> None:
    """Let the page behind a letter's link speak that letter's language, unless its reader has chosen one here."""
    if code in LANGUAGES:
        scope["state"]["letter_language"] = code
    if "chosen_language" not in scope["state"]:  # a form that was read may have chosen one too
        set_language(language_of(scope))


class Language(ASGIMiddleware):
    """Sets the language of a request."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        with in_language(language_of(scope)):
            await next_app(scope, receive, send)


class SameOrigin(ASGIMiddleware):
    """Refuses unsafe requests from other sites (design.md §5.10).

    Routes for programs set the opt key `machine`: they pass as long as the request carries no cookie, which a browser
    would lend to another site's form.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope.get("method") not in {"GET", "HEAD", "OPTIONS"} and not (_is_program(scope) or _same_origin(scope)):
            raise NotAllowed(_("The form was sent from another site."), code="cross_site")
        await next_app(scope, receive, send)


def _is_program(scope: Scope) -> bool:
    if header(scope, b"authorization").lower().startswith("bearer "):
        return True  # its token decides; no cookie is looked at
    return bool(scope["route_handler"].opt.get("machine")) and not header(scope, b"cookie")


def _same_origin(scope: Scope) -> bool:
    site = header(scope, b"sec-fetch-site")
    if site:
        return site == "same-origin"
    origin = header(scope, b"origin")
    settings = get_settings()
    if origin == "null":
        # Over plain http to another machine browsers send no Sec-Fetch-Site, and our Referrer-Policy takes the origin
        # away. There SameSite cookies alone keep another site's form from acting for someone.
        return not settings.secure_cookies
    return origin in {f"{scope.get('scheme')}://{header(scope, b'host')}", _origin_of(settings.public_url or "")}


def _origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it, without the scheme's own port."""
    parts = urlsplit(url)
    port = "" if parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""
