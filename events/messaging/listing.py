"""The list of messages as a page shows it: filtered by what stands in the address, in pages, with how all stands."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar.response import Template

from events.core import clock
from events.core.actor import ANONYMOUS
from events.core.errors import NotFound
from events.core.settings import get_settings
from events.core.web import AnyRequest, page, page_number
from events.messaging import queries
from events.messaging.forms import mailbox_filter
from events.messaging.letter import Compose
from events.messaging.queries import Wanted
from events.messaging.reading import Mailbox
from events.messaging.rules import STAFF_ACCESS
from events.messaging.tables import Reason
from events.messaging.verdicts import said
from events.messaging.words import REASONS, STATES, badge, late_words

MAILBOX = "/staff/mailbox"


async def listed(
    request: AnyRequest, readable: Collection[Reason], here: str, *, event: UUID | None = None
) -> dict[str, Any]:
    """Return what `messaging/_list.html` shows at the address `here`: messages of these reasons (about an event)."""
    form = mailbox_filter(dict(request.query_params), [reason.value for reason in readable])
    right = form.validate()
    number = page_number(request)
    found = await queries.messages(form.wanted if right else Wanted(), readable, event=event, page=number)
    kept = {name: value for name, value in form.data.items() if value} if right else {}
    where = {**kept, "page": number} if number > 1 else kept
    return {
        "form": form,
        "messages": found.items,
        "total": found.total,
        "overview": await queries.overview(readable, event=event),
        "late": late_words(await queries.lateness(clock.now(), readable, event)),
        "reasons": REASONS,
        "states": STATES,
        "badge": badge,
        "said": said,
        "not_again": STAFF_ACCESS,
        "number": number,
        "pages": -(-found.total // queries.PAGE_SIZE),
        "base": f"{here}?{urlencode({**kept, 'page': ''})}",
        "filtered": bool(kept),
        "kept": f"?{urlencode(where)}" if where else "",
        "sends": get_settings().mail_url is not None,
        "saved": request.query_params.get("saved", ""),
    }


def back_to(here: str, request: AnyRequest) -> str:
    """Return the list at `here`, filtered as it was where a message was sent again from, and saying that it was."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "saved"]
    return f"{here}?{urlencode([*kept, ('saved', 'again')])}"


async def show_mailbox(request: AnyRequest, refusal: str = "") -> Template:
    """Show the messages of the whole network, and why what was asked for could not be done."""
    status = 409 if refusal else 200
    return page(
        request,
        "messaging/mailbox.html",
        status=status,
        refusal=refusal,
        **await listed(request, readable_by(request), MAILBOX),
    )


def readable_by(request: AnyRequest) -> list[Reason]:
    """Return the reasons whose messages the actor may read; raises NotFound when there are none."""
    mailbox: Mailbox = request.app.state.mailbox
    readable = list(mailbox.readable(request.scope.get("user") or ANONYMOUS, clock.now()))
    if not readable:
        raise NotFound
    return readable


def composers_of(request: AnyRequest) -> Mapping[Reason, Compose]:
    """Return who writes the letters."""
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox.composers
