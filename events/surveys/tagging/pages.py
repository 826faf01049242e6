"""Tagging the free texts of a survey, from the page of its results."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, see_other
from events.surveys.results.pages import PATH, results_page
from events.surveys.results.showing import Asked, Seen, asked_for, look
from events.surveys.tagging.actions import add_tag, remove_tag
from events.surveys.tagging.forms import TextTagForm


@post(f"{PATH}/tags", guards=[Requires(Action.SEE_REGISTRATIONS)], include_in_schema=False)
async def tag_text(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Give a text a tag, or take one off (`remove`); for who may read the texts."""
    asked, data = await asked_for(request, slug), await read_form(request)
    actor, now = actor_of(request), clock.now()
    seen = await look(asked, actor, now)
    question, key = data.text("question"), data.text("text")
    if asked.survey.id is None or not _is_there(seen, question, key):
        raise NotFound
    text = (asked.survey.id, question, bytes.fromhex(key))
    if "remove" in data:
        await remove_tag(*text, data.text("remove"), event=asked.event.id, actor=actor, now=now)
        return _back(asked, question, key)
    form = TextTagForm(data)
    form.tag.id = f"tag-{question}-{key}"
    if not form.validate():
        return await results_page(request, asked, form=form, status=form.status)
    await add_tag(*text, form.tag.data, event=asked.event.id, actor=actor, now=now)
    return _back(asked, question, key)


def _is_there(seen: Seen, question: str, key: str) -> bool:
    return seen.may_tag and any(each.key == key for each in seen.texts.get(question, ()))


def _back(asked: Asked, question: str, key: str) -> Redirect:
    return see_other(f"{asked.address()}#text-{question}-{key}")


ROUTES: list[ControllerRouterHandler] = [tag_text]
