"""The audit trail as a list."""

from urllib.parse import urlencode

from litestar import get
from litestar.response import Template

from events.accounts import trail, trail_words
from events.accounts.forms import AuditFilter
from events.accounts.guards import Requires
from events.accounts.rules import Action
from events.core.forms import FormData, choices
from events.core.i18n import gettext as _
from events.core.text import as_uuid
from events.core.web import AnyRequest, page

AUDIT = "/staff/audit"
BIGGEST_ID = 2**63 - 1


@get(AUDIT, guards=[Requires(Action.SEE_AUDIT)], include_in_schema=False)
async def audit_page(request: AnyRequest) -> Template:
    """Who did what, the newest first; filtered, in pages."""
    sent = {key: value for key, value in request.query_params.items() if key not in {"lang", "before"} and value}
    form = AuditFilter(FormData({key: [value] for key, value in sent.items()}) if sent else None)
    form.action.choices = choices(
        [("", _("Everything")), *((name, trail_words.action_words(name)) for name in await trail.actions())]
    )
    form.who.choices = choices([("", _("Everyone")), *await trail.actors()])
    right = form.validate()
    wanted = trail.Filter(
        form.action.data or "",
        as_uuid(form.who.data or ""),
        form.subject.data or "",
        form.start.data,
        form.end.data,
    )
    rows, before = await trail.rows(wanted if right else trail.Filter(), before=_number(request))
    more = f"{AUDIT}?{urlencode({**sent, 'before': before})}" if before else ""
    return page(request, "accounts/audit.html", form=form, rows=rows, more=more, filtered=bool(sent), words=trail_words)


def _number(request: AnyRequest) -> int | None:
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(BIGGEST_ID)) else None


ROUTES = [audit_page]
