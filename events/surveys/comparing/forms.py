"""The form of a comparison: which question, by what, over which events."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from events.core import database
from events.core.actor import Actor
from events.core.forms import BaseForm, FormData
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network import queries as network
from events.network.words import KINDS
from events.surveys.building import bank
from events.surveys.comparing.queries import COMPARABLE, Narrowed, series_names
from events.surveys.templates import NAMES as KINDS_OF_SURVEY

NAMES = ("question", "by", "from", "to", "project", "theme", "kind", "host", "series", "survey")

_NO_DATE = _l("There is no such date. Write it like 22.9.2026.")


def _day(label: object, name: str) -> DateField:
    return DateField(label, [Optional()], format=["%Y-%m-%d", "%d.%m.%Y"], invalid_value_message=_NO_DATE, name=name)


class CompareForm(BaseForm):
    """Which question, by what, over which events."""

    question = SelectField(_l("Question"), render_kw={"class": "long"})
    by = SelectField(_l("Compare by"), default="event")
    survey = SelectField(_l("Kind of survey"), [Optional()])
    start = _day(_l("From"), "from")
    end = _day(_l("To"), "to")
    project = SelectField(_l("Project"), [Optional()])
    theme = SelectField(_l("Theme"), [Optional()])
    kind = SelectField(_l("Kind of event"), [Optional()])
    host = SelectField(_l("Host region"), [Optional()])
    series = SelectField(_l("Series"), [Optional()])

    @property
    def by_name(self) -> str:
        """What the groups are."""
        return next(str(choice.label) for choice in self.by.choices if choice.value == self.by.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each choice, and that the period does not end before it begins."""
        if not super().validate(extra_validators):
            return False
        if self.start.data and self.end.data and self.end.data < self.start.data:
            self.end.errors = [_("The period ends before it begins.")]
            return False
        return True

    @property
    def narrowed(self) -> Narrowed:
        """The events that are meant; only of a form that is valid."""
        chosen = {name: self[name].data or None for name in ("project", "theme", "kind", "host", "survey")}
        series = UUID(self.series.data) if self.series.data else None
        return Narrowed(start=self.start.data, end=self.end.data, series=series, **chosen)

    @property
    def about(self) -> list[tuple[str, str]]:
        """The name of each choice but the question, with what was chosen, for files."""
        told = []
        for field in self:
            if field.name != "question" and field.data:
                named = {choice.value: str(choice.label) for choice in getattr(field, "choices", None) or []}
                told.append((str(field.label.text), named.get(field.data, str(field.data))))
        return told


async def compare_form(values: dict[str, list[str]], actor: Actor, now: datetime) -> CompareForm:
    """Return the form with what was chosen, and with the choices of somebody."""
    form = CompareForm(FormData(values))
    questions = [each for each in [*await bank.standard(), *await bank.banked()] if each.kind in COMPARABLE]
    form.question.choices = [SelectChoice(each.bank, each.label[0]) for each in questions]
    names = {
        "event": _("Event"),
        "survey": _("Kind of survey"),
        "series": _("Series"),
        "theme": _("Theme"),
        "month": _("Month"),
    }
    form.by.choices = [SelectChoice(code, name) for code, name in names.items()]
    form.survey.choices = _all((kind.value, str(name)) for kind, name in KINDS_OF_SURVEY.items())
    projects = await database.fetch("SELECT code FROM project ORDER BY starts_on DESC, code")
    form.project.choices = _all((row["code"], row["code"]) for row in projects)
    form.theme.choices = _all((each.code, each.name) for each in await network.themes())
    form.kind.choices = _all((kind, str(name)) for kind, name in KINDS.items())
    form.host.choices = _all((each.code, each.name) for each in await network.regions())
    form.series.choices = _all((str(each), name) for each, name in (await series_names(actor, now)).items())
    return form


def _all(options: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", _("All")), *(SelectChoice(*option) for option in options)]
