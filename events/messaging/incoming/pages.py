"""The door for mail servers that hand over what arrives for the service, instead of a mailbox that is read."""

from litestar import Response, post
from litestar.types import ControllerRouterHandler

from events.core import clock
from events.core.errors import NotFound, Unauthenticated
from events.core.settings import get_settings
from events.core.web import AnyRequest
from events.messaging.incoming.actions import take
from events.messaging.incoming.signing import is_signed

HOOK, ALSO = "/hooks/mail", "/hooks/bounces"
"""The address, and the one that it had while it took only mails which came back."""


# Who signs is asked here: guards know staff and tokens, and belong to a feature that this one does not know.
@post([HOOK, ALSO], opt={"public": True, "machine": True}, include_in_schema=False)
async def take_mail(request: AnyRequest) -> Response[None]:
    """Take a mail, in the body as it arrived; 204 also for one from which nothing follows."""
    secret = get_settings().bounce_webhook_secret
    if not secret:
        raise NotFound
    body, now = await request.body(), clock.now()
    if not is_signed(request.headers, body, secret, now=now):
        raise Unauthenticated
    await take(body, request.app.state.answer, now=now)
    return Response(None, status_code=204)


ROUTES: list[ControllerRouterHandler] = [take_mail]
