"""A question of the bank for whom it belongs to: its form, reached from the questions of an event."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Invalid
from events.core.forms import move_option, read_form
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.questions import bank
from events.registration.questions.builder_forms import QuestionForm, question_form, stored
from events.registration.questions.builder_pages import GUARDS, PATH
from events.registration.staff.reach import event_for

HERE = f"{PATH}/bank/{{template_id:uuid}}"


@get(HERE, guards=GUARDS, include_in_schema=False)
async def banked_page(request: AnyRequest, slug: FromPath[str], template_id: FromPath[UUID]) -> Template:
    """A question as it stands in the bank."""
    event = await event_for(request, slug, Action.EDIT_EVENTS)
    question = await bank.banked(template_id, actor=actor_of(request), now=clock.now())
    return _page(request, event, question_form([], {}, stored(question)))


@post(HERE, guards=GUARDS, include_in_schema=False)
async def change(request: AnyRequest, slug: FromPath[str], template_id: FromPath[UUID]) -> Template | Redirect:
    """Let it be asked otherwise from now on."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    actor, now = actor_of(request), clock.now()
    question, moved = await bank.banked(template_id, actor=actor, now=now), move_option(sent)
    form = question_form([], {}, stored(question), sent)
    if moved or not form.validate():
        return _page(request, event, form, 200 if moved or form.only_language_changes else 422, moved)
    try:
        await bank.change_in_bank(template_id, form.new(), actor=actor, now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
        return _page(request, event, form, 422)
    return see_other(f"/staff/events/{event.slug}/questions?saved=1#bank")


def _page(
    request: AnyRequest,
    event: EventView,
    form: QuestionForm,
    status: int = 200,
    moved: tuple[str, str] | None = None,
) -> Template:
    return page(
        request,
        "registration/question_edit.html",
        status=status,
        event=event,
        form=form,
        question=None,
        banked=True,
        moved=moved,
        together=False,
    )


ROUTES: list[ControllerRouterHandler] = [banked_page, change]
