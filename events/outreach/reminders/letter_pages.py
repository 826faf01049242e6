"""The letters of an event's reminders as they look, before anybody gets them."""

from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.core.i18n import LANGUAGES, in_language, language
from events.core.web import AnyRequest, page
from events.messaging.letter import LETTER_POLICY, Letter, html_of
from events.outreach.reminders.pages import GUARDS, RULE, event_here, rule_here, when_it_goes
from events.programme.queries import EventView
from events.programme.reminders import queries as reminders
from events.programme.reminders.queries import RuleView
from events.registration import letter_samples
from events.registration.tables import State
from events.registration.words import state_words


@get(f"{RULE}/letter", guards=GUARDS, include_in_schema=False)
async def letter_page(request: AnyRequest, slug: FromPath[str], rule_id: FromPath[UUID]) -> Template:
    """The letter of a rule, in each language and to each state whose people get it otherwise."""
    event = await event_here(request, slug)
    rule = await rule_here(event, rule_id)
    looked = await _looked_at(request, event, rule)
    said = await when_it_goes(event, rule)
    names = {state.value: state_words(state) for state in looked.states}
    return page(
        request, "outreach/reminders/letter.html", event=event, rule=rule, when=said, looked=looked, state_names=names
    )


@get(f"{RULE}/letter/body", guards=GUARDS, include_in_schema=False)
async def letter_body(request: AnyRequest, slug: FromPath[str], rule_id: FromPath[UUID]) -> Response[str]:
    """The HTML part of the letter, for a frame."""
    event = await event_here(request, slug)
    looked = await _looked_at(request, event, await rule_here(event, rule_id))
    return Response(
        html_of(looked.letter), media_type=MediaType.HTML, headers={"content-security-policy": LETTER_POLICY}
    )


class _Looked(Struct, frozen=True):
    """A letter that is looked at: in which language, to whom of the `states` whose letters differ."""

    letter: Letter
    chosen: str
    state: State
    states: list[State]


async def _looked_at(request: AnyRequest, event: EventView, rule: RuleView) -> _Looked:
    """Write the letter that the address asks for, or the first there is."""
    chosen, wanted = (request.query_params.get(name, "") for name in ("language", "state"))
    chosen = chosen if chosen in LANGUAGES else language()
    before = await reminders.is_before(event.id, rule.id)
    states = letter_samples.shown_as(rule, before=before)
    state = next((each for each in states if each.value == wanted), states[0])
    with in_language(chosen):
        letter = await letter_samples.sample_reminder(rule, event, state, before=before)
    return _Looked(letter, chosen, state, states)


ROUTES: list[ControllerRouterHandler] = [letter_page, letter_body]
