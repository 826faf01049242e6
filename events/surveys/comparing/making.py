"""What is compared, by what an address asks for: the same for the page, its files and programs."""

from collections.abc import Mapping

from msgspec import structs

from events.core import clock
from events.core.actor import Actor
from events.network import queries as network
from events.surveys.comparing.forms import NAMES, CompareForm, compare_form
from events.surveys.comparing.queries import Comparison, compared
from events.surveys.templates import NAMES as NAMES_OF_KINDS

UNLESS_SAID = {"question": "usefulness", "by": "event"}


async def form_of(given: Mapping[str, str], actor: Actor) -> CompareForm:
    """Return the form of a comparison with what is given; other names are passed over."""
    chosen = UNLESS_SAID | {name: value for name, value in given.items() if name in NAMES and value}
    return await compare_form({name: [value] for name, value in chosen.items()}, actor, clock.now())


async def comparison(form: CompareForm, actor: Actor) -> Comparison | None:
    """Compare what a valid form asks for; None where nothing may be shown."""
    by = form.by.data
    made = await compared(form.question.data, by, form.narrowed, actor=actor, now=clock.now())
    if made is None or by in {"event", "survey"}:
        return made
    named = {theme.code: theme.name for theme in await network.themes()} if by == "theme" else {}
    names = [named.get(each.name, each.name) for each in made.groups]
    if len(made.totals) > 1:
        names = [f"{name}: {NAMES_OF_KINDS[each.kind]}" for name, each in zip(names, made.groups, strict=True)]
    groups = [structs.replace(each, name=name, short=name) for name, each in zip(names, made.groups, strict=True)]
    return structs.replace(made, groups=groups)
