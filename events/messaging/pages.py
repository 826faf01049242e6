"""The mailbox: what was sent to whom, what became of it, and each letter as it would look now.

`events/app.py` puts the guard before these routes and a Mailbox into the application's state: both belong to features
that this one does not know.
"""

from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest, page
from events.messaging import queries
from events.messaging.letter import LETTER_POLICY, html_of, tidy
from events.messaging.listing import MAILBOX, composers_of, readable_by, show_mailbox
from events.messaging.queries import MessageView
from events.messaging.reading import headers_of, with_links, written
from events.messaging.rules import STAFF_ACCESS
from events.messaging.tables import Reason
from events.messaging.verdicts import said
from events.messaging.words import REASONS, badge


@get(MAILBOX, include_in_schema=False)
async def mailbox_page(request: AnyRequest) -> Template:
    """The messages, the newest first; filtered, in pages."""
    return await show_mailbox(request)


@get(f"{MAILBOX}/{{identity:uuid}}", include_in_schema=False)
async def message_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """One message with its letter as it would look now."""
    message = await _message(request, identity)
    letter = await written(message.owed, composers_of(request))
    return page(
        request,
        "messaging/message.html",
        message=message,
        letter=letter,
        reason=REASONS[Reason(message.owed.reason)],
        badge=badge(message),
        said=said(message.server_words),
        may_send=message.owed.reason not in STAFF_ACCESS,
        mail_headers=headers_of(letter, message.owed, now=message.finished_at or clock.now()) if letter else [],
        text=with_links(tidy(letter.text)) if letter else [],
    )


@get(f"{MAILBOX}/{{identity:uuid}}/body", include_in_schema=False)
async def body_page(request: AnyRequest, identity: FromPath[UUID]) -> Response[str]:
    """The HTML part alone, for the sandboxed frame of its page; NotFound when there is no letter to write."""
    message = await _message(request, identity)
    letter = await written(message.owed, composers_of(request))
    if letter is None:
        raise NotFound
    return Response(html_of(letter), media_type=MediaType.HTML, headers={"content-security-policy": LETTER_POLICY})


async def _message(request: AnyRequest, identity: UUID) -> MessageView:
    return await queries.message(identity, readable_by(request))


ROUTES: list[ControllerRouterHandler] = [mailbox_page, message_page, body_page]
