"""The door for mail servers and senders that hand over mails which came back, instead of a mailbox that is read."""

from litestar import Response, post
from litestar.types import ControllerRouterHandler

from events.core import clock
from events.core.errors import NotFound, Unauthenticated
from events.core.settings import get_settings
from events.core.web import AnyRequest
from events.messaging.bounces.actions import take_report
from events.messaging.bounces.signing import is_signed

HOOK = "/hooks/bounces"


# Who signs is asked here: guards know staff and tokens, and belong to a feature that this one does not know.
@post(HOOK, opt={"public": True, "machine": True}, include_in_schema=False)
async def take_bounce(request: AnyRequest) -> Response[None]:
    """Take a mail as it came back, in the body as it is; 204 for one that reports nothing, too."""
    secret = get_settings().bounce_webhook_secret
    if not secret:
        raise NotFound
    body, now = await request.body(), clock.now()
    if not is_signed(request.headers, body, secret, now=now):
        raise Unauthenticated
    await take_report(body, now=now)
    return Response(None, status_code=204)


ROUTES: list[ControllerRouterHandler] = [take_bounce]
