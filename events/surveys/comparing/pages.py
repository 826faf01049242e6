"""The page on which one question is compared over events."""

from collections.abc import Iterable

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from msgspec import structs
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock, database
from events.core.forms import BaseForm, FormData
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.web import AnyRequest, page
from events.network import queries as network
from events.network.words import KINDS
from events.surveys.building import bank
from events.surveys.comparing.queries import COMPARABLE, Comparison, Narrowed, compared
from events.surveys.results.figures import Cell, share
from events.surveys.results.rules import Result

PATH = "/staff/surveys/compare"
NAMES = ("question", "by", "start", "end", "project", "theme", "kind", "host")

_NO_DATE = _l("There is no such date. Write it like 22.9.2026.")


def _day(label: object) -> DateField:
    return DateField(label, [Optional()], format=["%Y-%m-%d", "%d.%m.%Y"], invalid_value_message=_NO_DATE)


class CompareForm(BaseForm):
    """Which question, by what, over which events."""

    question = SelectField(_l("Question"))
    by = SelectField(_l("Compare by"), default="event")
    start = _day(_l("From"))
    end = _day(_l("To"))
    project = SelectField(_l("Project"), [Optional()])
    theme = SelectField(_l("Theme"), [Optional()])
    kind = SelectField(_l("Kind of event"), [Optional()])
    host = SelectField(_l("Host region"), [Optional()])

    @property
    def by_name(self) -> str:
        """What the groups are."""
        return next(str(choice.label) for choice in self.by.choices if choice.value == self.by.data)

    @property
    def narrowed(self) -> Narrowed:
        """The events that are meant; only of a form that is valid."""
        chosen = {name: self[name].data or None for name in ("project", "theme", "kind", "host")}
        return Narrowed(start=self.start.data, end=self.end.data, **chosen)


@get(PATH, guards=[Requires(Action.SEE_SURVEY_RESULTS)], include_in_schema=False)
async def compare(request: AnyRequest) -> Template:
    """One question over the events whose results one may see, by event, series, theme or month."""
    given = {name: [value] for name in NAMES if (value := request.query_params.get(name))}
    form = await _form({"question": ["usefulness"], "by": ["event"], **given})
    if not form.validate():
        return page(request, "surveys/compare.html", status=422, form=form, made=None, headings=[], rows=[], total=[])
    by = form.by.data
    made = await compared(form.question.data, by, form.narrowed, actor=actor_of(request), now=clock.now())
    named = {theme.code: theme.name for theme in await network.themes()} if by == "theme" else {}
    groups = [structs.replace(each, name=named.get(each.name, each.name)) for each in made.groups] if made else []
    return page(
        request,
        "surveys/compare.html",
        form=form,
        made=made,
        headings=[form.by_name, *_headings(made)] if made else [],
        rows=[(each, _cells(each.surveys, each.result)) for each in groups],
        total=_cells(made.surveys, made.total) if made else [],
    )


def _headings(made: Comparison) -> list[str]:
    """Return the names of the columns of figures: those that the question has."""
    more = [_("NPS")] if made.total.nps else []
    mean = [_("Mean")] if made.total.mean is not None else []
    return [_("Surveys"), _("Answers"), *mean, *more, *(label for label, _count in made.total.counts)]


def _cells(surveys: int, summed: Result) -> list[Cell]:
    more: list[Cell] = [summed.nps.score] if summed.nps else []
    mean: list[Cell] = [round(summed.mean, 2)] if summed.mean is not None else []
    return [surveys, summed.n, *mean, *more, *(f"{share(count, summed.n)} %" for _label, count in summed.counts)]


async def _form(values: dict[str, list[str]]) -> CompareForm:
    form = CompareForm(FormData(values))
    questions = [each for each in [*await bank.standard(), *await bank.banked()] if each.kind in COMPARABLE]
    form.question.choices = [SelectChoice(each.bank, each.label[0]) for each in questions]
    names = {"event": _("Event"), "series": _("Series"), "theme": _("Theme"), "month": _("Month")}
    form.by.choices = [SelectChoice(code, name) for code, name in names.items()]
    projects = await database.fetch("SELECT code FROM project ORDER BY starts_on DESC, code")
    form.project.choices = _all((row["code"], row["code"]) for row in projects)
    form.theme.choices = _all((each.code, each.name) for each in await network.themes())
    form.kind.choices = _all((kind, str(name)) for kind, name in KINDS.items())
    form.host.choices = _all((each.code, each.name) for each in await network.regions())
    return form


def _all(options: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", _("All")), *(SelectChoice(*option) for option in options)]


ROUTES: list[ControllerRouterHandler] = [compare]
