"""What the page of a survey's results shows, what changes on it while answers come, and what its files hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from events.accounts.guards import actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import Actor, ActorKind
from events.core.errors import NotFound
from events.core.replica import snapshot
from events.core.web import AnyRequest
from events.programme import queries as programme
from events.programme.queries import EventView
from events.surveys import queries
from events.surveys.groups.queries import told_apart
from events.surveys.groups.rules import By
from events.surveys.queries import SurveyView
from events.surveys.results.charts import heat_map
from events.surveys.results.figures import Cell, figures
from events.surveys.results.files import Made, key_figures
from events.surveys.results.parted import Parted, parted, untold_words
from events.surveys.results.queries import by_name, results, without_persons
from events.surveys.tables import SurveyKind
from events.surveys.tagging.queries import tags_of
from events.surveys.tagging.rules import Text, counted, tagged

PAGE = "/staff/events/{}/survey"


class Asked(Struct, frozen=True, kw_only=True):
    """What an address asks for: a survey of an event, by what it is told apart, with which tag its texts."""

    event: EventView
    surveys: list[SurveyView]
    survey: SurveyView
    by: By | None
    tag: str

    def query(self, **other: str) -> str:
        """Return the parameters of an address that asks for this, but for what is named."""
        chosen = {"of": self.survey.which, "by": self.by or "", "tag": self.tag, **other}
        return urlencode({name: value for name, value in chosen.items() if value})

    def address(self, end: str = "", **other: str) -> str:
        """Return the address of the page, or of what is found below it, that asks for this."""
        return f"{PAGE.format(self.event.slug)}{end}?{self.query(**other)}"


class Seen(Struct, frozen=True, kw_only=True):
    """The results of a survey as someone may see them; `texts` by question, all of them."""

    made: Made
    parted: Parted | None
    texts: Mapping[str, list[Text]]
    by_name: list[tuple[str, list[tuple[str, str]]]]
    may_tag: bool


async def asked_for(request: AnyRequest, slug: str) -> Asked:
    """Read what an address asks for. Raises NotFound for what there is not, and for whom may not see it."""
    given = request.query_params
    by = given.get("by", "")
    if by and by not in set(By):
        raise NotFound
    of = given.get("of", SurveyKind.FEEDBACK)
    return await asked_of(slug, of, By(by) if by else None, tag=given.get("tag", ""), actor=actor_of(request))


async def asked_of(slug: str, of: str, by: By | None, *, tag: str = "", actor: Actor) -> Asked:
    """Find the survey of an event that is called `of`. Raises NotFound as `asked_for`."""
    event, now = await programme.by_slug(slug), clock.now()
    if event is None or not may(actor, Action.SEE_SURVEY_RESULTS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound
    surveys = await queries.surveys_of(event.id)
    survey = next((survey for survey in surveys if survey.which == of), None)
    if survey is None:
        raise NotFound
    return Asked(event=event, surveys=surveys, survey=survey, by=by, tag=tag)


async def look(asked: Asked, actor: Actor, now: datetime, *, every_part: bool = False) -> Seen:
    """Sum up what is asked for; with `every_part` by all that answers can be told apart by, as workbooks hold it."""
    event, survey = asked.event, asked.survey
    reads = may(actor, Action.SEE_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region)
    async with snapshot():
        counted = await results(event.id, survey)
        # a program is given all sums, as those of reports
        summed = counted if reads or actor.kind is not ActorKind.STAFF else without_persons(counted)
        tags = await tags_of(survey.id)
        wanted = list(By) if every_part else [asked.by] if asked.by else []
        shown = [each.question for each in summed.results]
        parts = tuple([parted(await told_apart(event.id, survey.id, by), shown) for by in wanted] if shown else ())
        names = await by_name(survey) if reads else []
    lines = tuple(figures(each, texts_shown=reads) for each in summed.results)
    texts = {each.code: tagged(each.code, each.texts, tags) for each in lines if each.texts}
    made = Made(event=event, survey=survey, summed=summed, figures=lines, parts=parts, texts=texts, made_at=now)
    one = next((each for each in parts if each.by is asked.by), None)
    return Seen(made=made, parted=one, texts=texts, by_name=names, may_tag=reads)


async def changing(asked: Asked, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the part of the page that changes while answers come is made of."""
    seen = await look(asked, actor, now)
    made = seen.made
    return {
        "asked": asked,
        "event": asked.event,
        "shown": asked.survey,
        "survey": made.summed,
        "keys": _cards(key_figures(made.summed)),
        "figures": made.figures,
        "heat": {each.code: await heat_map(each) for each in made.figures if each.matrix},
        "parted": seen.parted,
        "untold": untold_words(seen.parted) if seen.parted else "",
        "texts": {
            code: [each for each in texts if not asked.tag or asked.tag in each.tags]
            for code, texts in seen.texts.items()
        },
        "tags": {code: counted(texts) for code, texts in seen.texts.items()},
        "by_name": seen.by_name,
        "may_tag": seen.may_tag,
        "now": now,
    }


def _cards(keys: Sequence[tuple[str, Cell, str]]) -> list[tuple[Cell, ...]]:
    """Return what stands on the cards; the second rate is a line on that of the first: both are of the same answers."""
    cards: list[tuple[Cell, ...]] = [(number, name, says) for name, number, says in keys]
    if len(keys) == 1:
        return cards
    value, name, says = cards.pop()
    cards[-1] = (*cards[-1], f"{name}: {value}", says)
    return cards
