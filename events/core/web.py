"""HTML pages and error answers, each made in one place."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import asyncpg
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect, Stream, Template
from litestar.routes import HTTPRoute

from events.core import files, i18n
from events.core.actor import ANONYMOUS, ActorKind
from events.core.assets import asset_url
from events.core.database import BUSY
from events.core.errors import BadRequest, Invalid, NotAllowed, NotFound, ServiceError, Unavailable
from events.core.http import language_of
from events.core.links import absolute, webcal
from events.core.markdown import render_markdown
from events.core.paths import checkout, folder
from events.core.readable import readable

SIGN_IN = "/staff/sign-in"
"""Where a person is led who must sign in first."""

MOST_PAGES = 999_999
"""Far beyond the pages of any list, and small enough for PostgreSQL to count to their rows."""

AnyRequest = Request[Any, Any, Any]

_log = structlog.get_logger("events.web")


def make_environment() -> Environment:
    """Make the Jinja environment of pages and mails: escaped, strict about unknown names."""
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(disabled_extensions=("txt",), default_for_string=True, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=checkout() is not None,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    environment.globals.update(
        asset_url=asset_url, absolute=absolute, webcal=webcal, pick=i18n.pick, language_names=i18n.LANGUAGE_NAMES
    )
    environment.filters.update(
        number=i18n.format_number,
        date=i18n.format_date,
        time=i18n.format_time,
        datetime=i18n.format_datetime,
        moment=i18n.format_moment,
        until=i18n.format_until,
        ending=i18n.format_ending,
        filesize=i18n.format_size,
        markdown=render_markdown,
        readable=readable,
    )
    environment.globals.update(span=i18n.format_span, hours=i18n.format_hours, ends=i18n.format_end)
    return environment


environment = make_environment()


def common_context(request: AnyRequest, path: str = "") -> dict[str, Any]:
    """Return what the layout needs on every page; the language switch leads to `path`, else to where one is."""
    actor = request.scope.get("user") or ANONYMOUS
    path = path or _openable(request)
    same = path == request.url.path
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang" and same]
    return {
        "locale": i18n.language(),
        "path": request.url.path,
        "staff": actor if actor.kind is ActorKind.STAFF else None,
        "language_links": [
            (code, name, f"{path}?{urlencode([*kept, ('lang', code)])}") for code, name in i18n.LANGUAGE_NAMES.items()
        ],
    }


def _openable(request: AnyRequest) -> str:
    """Return the path of the request; of a form that no page stands behind, the nearest one above that a link opens."""
    path, pattern = request.url.path, request.scope.get("path_template", "")
    if request.method in {"GET", "HEAD"} or not pattern:
        return path
    pages = {
        route.path_format for route in request.app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods
    }
    while pattern not in pages and "/" in pattern:
        path, pattern = path.rpartition("/")[0], pattern.rpartition("/")[0]
    return path or "/"


def page(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    path: str = "",
    **context: Any,
) -> Template:
    """Answer with a template; `context` goes in beside what every page needs.

    `path` is where the language switch leads when the page cannot be opened again where it is.
    """
    return Template(
        template_name=template,
        context={**common_context(request, path), **context},
        status_code=status,
        headers=dict(headers or {}),
        media_type=MediaType.HTML,
    )


def render(template: str, **context: Any) -> str:
    """Render a template outside a request, as mails do, in the present language."""
    return environment.get_template(template).render(locale=i18n.language(), **context)


def page_number(request: AnyRequest) -> int:
    """Return which page of a list is asked for (`?page=`), the first when that is no number a list could have."""
    return max(1, told_number(request.query_params.get("page", "")))


def told_number(asked: str) -> int:
    """Return a number that a redirect left in the address for the page to tell, 0 when it is none."""
    return int(asked) if asked.isdecimal() and len(asked) <= len(str(MOST_PAGES)) else 0


def require_known(request: AnyRequest, names: Collection[str]) -> None:
    """Raise Invalid where the address has another parameter than these, or one of them twice.

    For what programs count with: figures of everything would be taken for those that were asked for.
    """
    asked = Counter(name for name, _value in request.query_params.multi_items())
    unknown = {name: [i18n.gettext("There is no such parameter.")] for name in asked if name not in {*names, "lang"}}
    twice = {name: [i18n.gettext("This stands in the address twice.")] for name, times in asked.items() if times > 1}
    if errors := unknown | twice:
        raise Invalid(errors)


def see_other(path: str) -> Redirect:
    """Answer a form with the page to look at next."""
    return Redirect(path, status_code=303)


async def attachment(name: str, filename: str, media_type: str) -> Stream:
    """Answer with a kept file, to be saved and never shown by the browser; raises NotFound when it is lost."""
    try:
        content = await files.read(name)
    except FileNotFoundError as error:
        raise NotFound from error
    plain = filename.encode("ascii", "replace").decode().translate({ord(sign): "_" for sign in '"\\?'})
    return Stream(
        content,
        media_type=media_type,
        headers={
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}",
            "cache-control": "private, no-store",
        },
    )


def answer_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """Turn any error into problem+json for the API and a page for everyone else."""
    known = _known(error)
    if known.status >= 500:  # noqa: PLR2004 - server's own fault
        _log.error("failed", route=request.scope.get("path_template", ""), exc_info=error)
    if known.status == 401 and _is_page(request):  # noqa: PLR2004
        return see_other(f"{SIGN_IN}?{urlencode({'next': _wanted(request)})}")
    headers = {}
    if (wait := getattr(known, "retry_after", None)) is not None:
        headers["retry-after"] = str(wait)
    if known.status == 401:  # noqa: PLR2004
        headers["www-authenticate"] = "Bearer"
    with i18n.in_language(language_of(request.scope) if "headers" in request.scope else i18n.language()):
        if request.url.path.startswith("/api/"):
            return Response(
                problem(known), status_code=known.status, media_type="application/problem+json", headers=headers
            )
        template = environment.get_template("error.html")
        html = template.render(**common_context(request), status=known.status, message=known.message, code=known.code)
        return Response(html, status_code=known.status, media_type=MediaType.HTML, headers=headers)


def _is_page(request: AnyRequest) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _wanted(request: AnyRequest) -> str:
    """Return the page to go on with after signing in; what a form was sent to may not be one."""
    if request.method not in {"GET", "HEAD"}:
        return ""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def problem(error: ServiceError) -> dict[str, Any]:
    """Return the body of an error answer (RFC 9457), with our stable `code`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.message,
        "status": error.status,
        "code": error.code,
    }
    if isinstance(error, Invalid):
        body["errors"] = error.errors
    return body


def _known(error: Exception) -> ServiceError:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, ValidationException):
        fields: dict[str, list[str]] = {}
        for item in error.extra if isinstance(error.extra, list) else []:
            fields.setdefault(str(item.get("key", "")), []).append(str(item.get("message", "")))
        return Invalid(fields) if fields else BadRequest()
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, UnicodeError | RecursionError | asyncpg.CharacterNotInRepertoireError):  # the last: NUL
        return BadRequest()
    if isinstance(error, BUSY):
        return Unavailable()
    return ServiceError()


def _from_http(error: HTTPException) -> ServiceError:
    by_status: dict[int, type[ServiceError]] = {400: BadRequest, 403: NotAllowed, 404: NotFound}
    if error.status_code in by_status:
        return by_status[error.status_code]()
    other = ServiceError(error.detail, code="http_error")
    other.status = error.status_code  # type: ignore[misc]
    return other
