"""Staff change what someone answered, and delete what was said of health; the rest of the page is in `one_pages`."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest
from events.registration import queries
from events.registration.questions import health, rules
from events.registration.questions import queries as questions
from events.registration.questions.answering import change_answers
from events.registration.questions.forms import entered
from events.registration.questions.sections import staff_form
from events.registration.staff.one_pages import EDIT, PATH, back, event_of, one_page


@post(f"{PATH}/{{registration_id:uuid}}/answers", guards=EDIT, include_in_schema=False)
async def answer(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Answer for someone, by the same checks as they themselves; what is personal stays as it is."""
    event, sent = await event_of(request, slug, registration_id), await read_form(request)
    registration = await queries.by_id(registration_id)
    if registration is None:
        raise NotFound
    form = await staff_form(registration, sent)
    asked = rules.for_another(await questions.of_event(event.id))
    try:
        await change_answers(registration_id, entered(form, asked), actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form.show(invalid.errors)
        return await one_page(request, event, registration_id, forms={"answers": form})
    except Conflict as conflict:
        return await one_page(request, event, registration_id, forms={"answers": form}, refusal=conflict.message)
    return back(event, registration_id, "answers")


@post(f"{PATH}/{{registration_id:uuid}}/health", guards=EDIT, include_in_schema=False)
async def delete_of_health(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect:
    """Delete an answer of health, for who may see it."""
    event, sent = await event_of(request, slug, registration_id), await read_form(request)
    await health.delete_answer(registration_id, sent.text("delete"), actor=actor_of(request), now=clock.now())
    return back(event, registration_id, "answers")


ROUTES: list[ControllerRouterHandler] = [answer, delete_of_health]
