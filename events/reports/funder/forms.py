"""Forms of funder's reports: a report, an indicator, a text, a value by hand, freezing, a file."""

from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from events.core.forms import BaseForm, by_language
from events.core.i18n import LANGUAGE_NAMES, LANGUAGES, language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.reports.funder.actions import IndicatorValues, TextValues
from events.reports.funder.tables import Rule
from events.reports.funder.words import PARTS, RULES

LONGEST_TEXT = 20_000
MOST = 999_999_999
YEARS = range(2000, 2101)

_NO_SUCH_DATE = _l("There is no such date. Write it like 22.9.2026.")


def _day(label: Any) -> DateField:
    return DateField(
        label,
        [InputRequired(_l("Give a date."))],
        format=["%Y-%m-%d", "%d.%m.%Y"],
        invalid_value_message=_NO_SUCH_DATE,
    )


class ReportForm(BaseForm):
    """A new report: on which project, in which period."""

    project = SelectField(_l("Project"))
    starts_on = _day(_l("From"))
    ends_on = _day(_l("To"))

    def __init__(self, *args: Any, projects: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project.choices = [SelectChoice(identity, code) for identity, code in projects]

    def validate_starts_on(self, field: Field) -> None:
        _of_our_time(field.data)

    def validate_ends_on(self, field: Field) -> None:
        _of_our_time(field.data)


def _of_our_time(day: date | None) -> None:
    if day is not None and day.year not in YEARS:
        raise ValueError(str(_NO_SUCH_DATE))


class DecimalBox(DecimalField):  # type: ignore[misc]
    """A number typed with a point or, the Finnish way, with a comma and spaces between the thousands."""

    data: Decimal | None

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(
            ["".join(value.split()).replace(",", ".").replace("\N{MINUS SIGN}", "-") for value in valuelist]
        )
        if self.data is not None and self.data.is_finite() and self.data.copy_abs() <= MOST:
            self.data = self.data.quantize(Decimal("0.01"))  # what the column keeps: 1e-400000 is no number to it


def _number(label: Any, description: Any = "") -> DecimalBox:
    """Ask for what funders ask for: counts and amounts, none of which is below nought."""
    return DecimalBox(
        label,
        [
            Optional(),
            NumberRange(min=0, message=_l("Counts and amounts are 0 or more: of what fell, write by how much.")),
            NumberRange(max=MOST, message=_l("Write 999,999,999 at most.")),
        ],
        description=description,
        render_kw={"inputmode": "decimal", "class": "short"},
    )


class IndicatorForm(BaseForm):
    """An indicator as the funder's form has it."""

    code = StringField(_l("Number in the funder’s form"), [Length(max=30)], description=_l("Such as RCO01."))
    name_fi = StringField(_l("Name in Finnish"), [DataRequired(_l("Give the name in Finnish.")), Length(max=200)])
    name_sv = StringField(_l("Name in Swedish"), [Length(max=200)])
    name_en = StringField(_l("Name in English"), [Length(max=200)])
    rule = SelectField(_l("How it is counted"))
    part = SelectField(
        _l("Of these only"), description=_l("A size of enterprises, or a kind of event; other rules have no parts.")
    )
    target = _number(_l("Target"))
    unit_fi = StringField(_l("Unit in Finnish"), [Length(max=40)], description=_l("Empty: the rule’s own."))
    unit_sv = StringField(_l("Unit in Swedish"), [Length(max=40)])
    unit_en = StringField(_l("Unit in English"), [Length(max=40)])
    note_fi = TextAreaField(_l("The project’s own definition, in Finnish"), [Length(max=2000)], render_kw={"rows": 3})
    note_sv = TextAreaField(_l("The project’s own definition, in Swedish"), [Length(max=2000)], render_kw={"rows": 3})
    note_en = TextAreaField(_l("The project’s own definition, in English"), [Length(max=2000)], render_kw={"rows": 3})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule.choices = [SelectChoice(rule.value, str(name)) for rule, name in RULES.items()]
        parts = [
            SelectChoice(code, f"{RULES[rule]}: {name}")
            for rule, several in PARTS.items()
            for code, name in several.items()
        ]
        self.part.choices = [SelectChoice("", _("All")), *parts]

    @property
    def values(self) -> IndicatorValues:
        """What a valid form says."""
        return IndicatorValues(
            code=self.code.data or "",
            names=by_language(self, "name"),
            notes=by_language(self, "note"),
            units=by_language(self, "unit"),
            rule=Rule(self.rule.data),
            part=self.part.data or "",
            target=self.target.data,
        )


class TextForm(BaseForm):
    """A section in words; `version` is the one its editor saw, empty for a new one."""

    version = HiddenField()
    heading_fi = StringField(_l("Heading in Finnish"), [Length(max=200)])
    body_fi = TextAreaField(
        _l("Text in Finnish"),
        [Length(max=LONGEST_TEXT)],
        description=_l("Markdown. Name nobody: what is frozen is not erased."),
        render_kw={"rows": 10},
    )
    heading_sv = StringField(_l("Heading in Swedish"), [Length(max=200)])
    body_sv = TextAreaField(_l("Text in Swedish"), [Length(max=LONGEST_TEXT)], render_kw={"rows": 6})
    heading_en = StringField(_l("Heading in English"), [Length(max=200)])
    body_en = TextAreaField(_l("Text in English"), [Length(max=LONGEST_TEXT)], render_kw={"rows": 6})

    @property
    def values(self) -> TextValues:
        """What a valid form says."""
        return TextValues(headings=by_language(self, "heading"), bodies=by_language(self, "body"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that something is written in some language."""
        valid = super().validate(extra_validators)
        if valid and not any(self[f"body_{code}"].data for code in LANGUAGES):
            self.body_fi.errors = [_("Write something in at least one language.")]
            return False
        return valid


class ValueForm(BaseForm):
    """A value entered by hand; `version` is that of the one its editor saw, empty where there was none."""

    version = HiddenField()
    value = _number(_l("Value"), _l("Empty: not known."))
    source = StringField(
        _l("Where it comes from"), [Length(max=300)], description=_l("A document or register. Name nobody.")
    )


class FreezeForm(BaseForm):
    """Freezing: which revision was seen, why it is corrected, and that what is unfinished may stay so."""

    seen = IntegerField(validators=[InputRequired(), NumberRange(0, 1_000_000)])
    why = TextAreaField(
        _l("Why it is corrected"),
        [Length(max=1000)],
        description=_l("Readers who may not see persons read it too: no figures of few persons, no names."),
        render_kw={"rows": 2},
    )
    sure = BooleanField(_l("Freeze all the same"))


class FileForm(BaseForm):
    """Which file is wanted."""

    format = SelectField(_l("File"), choices=[SelectChoice(code, code.upper()) for code in ("pdf", "xlsx", "json")])
    language = SelectField(_l("Language"), choices=[SelectChoice(*each) for each in LANGUAGE_NAMES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"language": language(), **kwargs})
