"""The pages about the words of letters, which are the same for the network and for an event."""

from litestar import Response
from litestar.enums import MediaType
from litestar.response import Redirect, Template

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import FormData, read_form
from events.core.i18n import LANGUAGES, in_language, language
from events.core.web import AnyRequest, page, see_other
from events.messaging.letter import LETTER_POLICY, html_of, tidy
from events.messaging.templates import shapes
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Words
from events.outreach.templates import actions, queries
from events.outreach.templates.forms import WordsForm
from events.outreach.templates.queries import Version
from events.outreach.templates.shapes import Scope, Wording


async def show_list(request: AnyRequest, scope: Scope) -> Template:
    """List the letters, and in which languages they have words of their own."""
    listed = templates_of(request, scope)
    return page(
        request,
        "outreach/templates/list.html",
        scope=scope,
        event=scope.event,
        templates=listed,
        states=await queries.states(scope, listed),
        above=await queries.states(Scope(), listed) if scope.event else {},
    )


async def show_form(request: AnyRequest, scope: Scope, name: str, form: WordsForm | None = None) -> Template:
    """Show the words of a letter in one language, with what was written before; the newest, or those asked for."""
    template, chosen = template_of(request, scope, name), language_of(request)
    past = await queries.versions(scope, template, chosen)
    without = await queries.without(scope, template, chosen)
    own = past[0].words if past else None
    asked = request.query_params.get("from", "")
    begun = next((each for each in past if str(each.version) == asked), None)
    latest = past[0].version if past else 0
    if form is None:
        words = (begun.words if begun else own) or without
        form = WordsForm(data={"after": str(latest), "subject": words.subject, "body": words.body})
    status = 200 if form.only_language_changes or not form.errors else 422
    return page(
        request,
        "outreach/templates/edit.html",
        status=409 if form.form_errors else status,
        scope=scope,
        event=scope.event,
        built=template,
        chosen=chosen,
        form=form,
        may_edit=actions.may_edit(actor_of(request), scope, now=clock.now()),
        own=own,
        without=without,
        overtaken=bool(own and past[0].basis != without.digest),
        begun=begun,
        history=_told(past, without),
        changed=queries.differences(without, own) if own else [],
        saved=request.query_params.get("saved", ""),
    )


async def take_form(request: AnyRequest, scope: Scope, name: str) -> Template | Redirect:
    """Write a new version (`save`), or one that takes the words back to what stands there without (`reset`)."""
    template, chosen, sent = template_of(request, scope, name), language_of(request), await read_form(request)
    form, reset = WordsForm(sent), "reset" in sent
    if not reset and not form.read(template):
        return await show_form(request, scope, name, form)
    try:
        await actions.write(
            scope,
            template,
            chosen,
            None if reset else form.words,
            after=form.begun_from,
            actor=actor_of(request),
            now=clock.now(),
        )
    except actions.Overtaken as error:
        past = await queries.versions(scope, template, chosen)
        form.after.data = str(past[0].version if past else 0)
        form.form_errors.append(error.message)
        return await show_form(request, scope, name, form)
    return see_other(f"{scope.path}/{name}?language={chosen}&saved={'reset' if reset else 'changed'}")


async def show_letter(request: AnyRequest, scope: Scope, name: str, sent: FormData | None = None) -> Response[str]:
    """Answer with a letter to a made-up person, for a frame: as HTML or (`as=text`) its text part.

    The words are those of a form, whether they were kept or not, else those in force.
    """
    template, chosen = template_of(request, scope, name), language_of(request)
    headers = {"content-security-policy": LETTER_POLICY, "cache-control": "no-store"}
    form = WordsForm(sent) if sent is not None else None
    if form and not form.read(template):
        wrong = "\n".join(str(message) for field in form for message in field.errors)
        return Response(wrong, media_type=MediaType.TEXT, status_code=422, headers=headers)
    wording = _wording(request)
    event = scope.event or wording.occasion()
    with in_language(chosen):
        words = form.words if form else await in_force(template, scope.event.id if scope.event else None)
        letter = await wording.samples[name](event, words)
    if request.query_params.get("as") == "text":
        text = f"{letter.subject}\n\n{tidy(letter.text)}"
        return Response(text, media_type=MediaType.TEXT, headers=headers)
    return Response(html_of(letter), media_type=MediaType.HTML, headers=headers)


def templates_of(request: AnyRequest, scope: Scope) -> dict[str, shapes.Template]:
    """Return the letters whose words a scope has."""
    found = _wording(request).templates
    return {name: template for name, template in found.items() if template.of_event or not scope.event}


def template_of(request: AnyRequest, scope: Scope, name: str) -> shapes.Template:
    """Return one of them; raises NotFound for any other."""
    template = templates_of(request, scope).get(name)
    if template is None:
        raise NotFound
    return template


def language_of(request: AnyRequest) -> str:
    """Return the language whose words are looked at: that of the address, else the reader's."""
    chosen: str = request.query_params.get("language", "")
    return chosen if chosen in LANGUAGES else language()


def _told(past: list[Version], without: Words) -> list[tuple[Version, list[tuple[str, str]]]]:
    """Return each version with what it changed of the one before."""
    told = []
    for each, before in zip(past, [*past, None][1:], strict=True):
        old = (before.words if before else None) or without
        told.append((each, queries.differences(old, each.words or without)))
    return told


def _wording(request: AnyRequest) -> Wording:
    wording: Wording = request.app.state.wording
    return wording
