"""The pages about the words of letters, which are the same for the network and for an event."""

import re
from base64 import b64encode
from hashlib import sha256

from litestar.response import Redirect, Template

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.http import CONTENT_SECURITY_POLICY
from events.core.i18n import LANGUAGES, in_language, language
from events.core.web import AnyRequest, page, see_other
from events.messaging.letter import Letter, html_of, tidy
from events.messaging.templates import shapes
from events.messaging.templates.shapes import Words
from events.outreach.templates import actions, queries
from events.outreach.templates.forms import WordsForm
from events.outreach.templates.queries import Version
from events.outreach.templates.shapes import Scope, Wording

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


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


async def show_form(
    request: AnyRequest, scope: Scope, name: str, form: WordsForm | None = None, *, looked: bool = False
) -> Template:
    """Show the words of a letter in one language, with what was written before; the newest, or those asked for.

    Whatever stands in the form is what the letter says that is shown below it, and what the errors are about.
    """
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
    letter = await _sample(request, scope, name, form.words)
    html = html_of(letter)
    return page(
        request,
        "outreach/templates/edit.html",
        status=409 if form.form_errors else status,
        headers={"content-security-policy": _with_style_of(html)},
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
        looked=looked and status == 200,  # noqa: PLR2004 - that of HTTP
        html=html,
        text=f"{letter.subject}\n\n{tidy(letter.text)}",
    )


async def take_form(request: AnyRequest, scope: Scope, name: str) -> Template | Redirect:
    """Look at the words (`look`), keep them (`save`), or go back to what stands there without (`reset`)."""
    template, chosen, sent = template_of(request, scope, name), language_of(request), await read_form(request)
    form, reset = WordsForm(sent), "reset" in sent
    if not reset and not form.read(template):
        return await show_form(request, scope, name, form)
    if "look" in sent:
        return await show_form(request, scope, name, form, looked=True)
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


async def _sample(request: AnyRequest, scope: Scope, name: str, words: Words) -> Letter:
    """Write a letter to a made-up person; words that do not hold stand in it as they are."""
    wording = _wording(request)
    with in_language(language_of(request)):
        return await wording.samples[name](scope.event or wording.occasion(), words)


def _with_style_of(html: str) -> str:
    """Return the policy of a page that shows a letter within itself: with the style that letter brings, no other."""
    digests = (b64encode(sha256(style.encode()).digest()).decode() for style in _STYLE.findall(html))
    return " ".join([f"{CONTENT_SECURITY_POLICY}; style-src 'self'", *(f"'sha256-{digest}'" for digest in digests)])


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
