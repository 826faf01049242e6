"""The forms in which questions of surveys are built."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from events.core import bounds
from events.core.forms import BaseForm, CheckboxesField, FormData, by_language, chosen
from events.core.i18n import LANGUAGES, by_column
from events.core.i18n import lazy_gettext as _l
from events.programme.scopes import ScopeForm
from events.surveys import rules
from events.surveys.asked import Choice, Question
from events.surveys.tables import QuestionKind

SPARE, MORE = 2, 3
"""Empty rows that a form has beside what is written, and how many come when more are asked for."""

KINDS: Mapping[str, object] = {
    "scale": _l("Scale"),
    "nps": _l("Recommendation, 0 to 10 (NPS)"),
    "one": _l("One of several"),
    "many": _l("Any of several"),
    "matrix": _l("Matrix"),
    "number": _l("Number"),
    "text": _l("Free text"),
    "section": _l("Heading and text"),
}


NEW: Mapping[str, int] = {"low": 1, "high": 5, "least": bounds.USUAL}
"""What the form of a new question holds."""


class ChoiceForm(Form):  # type: ignore[misc]
    """One option, or one row of a matrix; `code` is empty for a new one."""

    Meta = BaseForm.Meta
    code = HiddenField()
    label_fi = StringField(_l("In Finnish"), [Length(max=300)])
    label_sv = StringField(_l("In Swedish"), [Length(max=300)])
    label_en = StringField(_l("In English"), [Length(max=300)])
    remove = BooleanField(_l("Remove"))


def _bound(label: object) -> IntegerField:
    attributes = {"inputmode": "numeric", "class": "short"}
    return IntegerField(label, [Optional(), NumberRange(0, 10, _l("Between 0 and 10."))], render_kw=attributes)


SECTION_WORDS: Mapping[str, object] = {
    "label_fi": _l("Heading in Finnish"),
    "label_sv": _l("Heading in Swedish"),
    "label_en": _l("Heading in English"),
    "help_fi": _l("Text in Finnish"),
    "help_sv": _l("Text in Swedish"),
    "help_en": _l("Text in English"),
}
"""What the words of a question are called where nothing is asked."""


class QuestionForm(ScopeForm):
    """A question in three languages, who is asked, and what can be answered."""

    version = HiddenField()
    kind = SelectField(_l("Kind of answer"), render_kw={"class": "medium", "data-kind": ""})
    label_fi = StringField(_l("Question in Finnish"), [Length(max=500)])
    label_sv = StringField(_l("Question in Swedish"), [Length(max=500)])
    label_en = StringField(_l("Question in English"), [Length(max=500)])
    help_fi = TextAreaField(_l("Hint in Finnish"), [Length(max=1000)], render_kw={"rows": 2})
    help_sv = TextAreaField(_l("Hint in Swedish"), [Length(max=1000)], render_kw={"rows": 2})
    help_en = TextAreaField(_l("Hint in English"), [Length(max=1000)], render_kw={"rows": 2})
    low = _bound(_l("Smallest number"))
    high = _bound(_l("Largest number"))
    least = bounds.limit_field(_l("Smallest number"))
    most = bounds.limit_field(_l("Largest number"))
    low_fi = StringField(_l("Smallest means, in Finnish"), [Length(max=100)])
    low_sv = StringField(_l("Smallest means, in Swedish"), [Length(max=100)])
    low_en = StringField(_l("Smallest means, in English"), [Length(max=100)])
    high_fi = StringField(_l("Largest means, in Finnish"), [Length(max=100)])
    high_sv = StringField(_l("Largest means, in Swedish"), [Length(max=100)])
    high_en = StringField(_l("Largest means, in English"), [Length(max=100)])
    options = FieldList(FormField(ChoiceForm), max_entries=rules.MOST_OPTIONS)
    rows = FieldList(FormField(ChoiceForm), max_entries=rules.MOST_ROWS)
    required = BooleanField(_l("Must be answered"))
    shown_if = CheckboxesField(
        _l("Ask only those who answered"), validate_choice=False, description=_l("Nothing chosen: everybody.")
    )

    def offer(self, earlier: Sequence[Question], more: str = "") -> None:
        """Offer what conditions can ask, and empty rows for what is new; `more` of the options or rows."""
        self.kind.choices = [SelectChoice(kind, str(name)) for kind, name in KINDS.items()]
        self.shown_if.choices = shown_if_choices(earlier)
        for name, words in SECTION_WORDS.items():
            self[name].label.text = self.either(self[name].label.text, words)
        for entries in (self.options, self.rows):
            written = len([entry for entry in entries if _written(entry.form)])
            wanted = max(written + SPARE, 3, len(entries) + MORE if more == entries.name else 0)
            while len(entries) < min(wanted, entries.max_entries):
                entries.append_entry()

    @property
    def section(self) -> bool:
        """Whether it is the heading and text of a section."""
        return bool(self.kind.data == QuestionKind.SECTION.value)

    def either(self, asked: object, section: object) -> Markup:
        """Return words for a question and words for a section: those of the kind that is chosen are shown."""
        hidden = Markup(" hidden")
        return Markup('<span data-not-for="section"{}>{}</span><span data-for="section"{}>{}</span>').format(
            *(hidden if self.section else "", asked, "" if self.section else hidden, section)
        )

    def new(self) -> Question:
        """Return the question of a valid form."""
        return Question(
            kind=QuestionKind(self.kind.data),
            labels=by_language(self, "label"),
            helps=by_language(self, "help"),
            required=self.required.data,
            low=self.low.data or 0,
            high=self.high.data or 0,
            least=self.least.data,
            most=self.most.data,
            ends=[by_language(self, "low"), by_language(self, "high")],
            options=[_choice(form) for form in self.wanted("options")],
            rows=[_choice(form) for form in self.wanted("rows")],
            shown_if=chosen(self.shown_if),
        )

    def wanted(self, name: str) -> list[Any]:
        """The options or rows that are to stay or to come, in their order."""
        return [entry.form for entry in self[name] if not entry.form.remove.data and _written(entry.form)]

    def meant(self, name: str) -> Field | None:
        """Return the field that an error is about; options and rows are counted as `wanted`."""
        entries, _dash, rest = name.partition("-")
        if entries not in {"options", "rows"}:
            return super().meant(name)
        number, _dash, inner = rest.partition("-")
        return self.wanted(entries)[int(number)][inner] if rest else None


class TakenForm(ScopeForm):
    """What a survey settles itself of a question whose words are the bank's."""

    version = HiddenField()
    required = BooleanField(_l("Must be answered"))
    own_words = BooleanField(
        _l("Word it ourselves"), description=_l("Its answers are then not compared with those of other events.")
    )
    shown_if = CheckboxesField(
        _l("Ask only those who answered"), validate_choice=False, description=_l("Nothing chosen: everybody.")
    )


def stored(question: Question) -> dict[str, Any]:
    """Return a question as the data of its form."""
    ends = [*question.ends, {}, {}][:2]
    return {
        "kind": question.kind.value,
        "required": question.required,
        "shown_if": list(question.shown_if),
        "low": question.low,
        "high": question.high,
        "least": question.least if question.kind is QuestionKind.NUMBER else NEW["least"],
        "most": question.most,
        **by_column("label", question.labels),
        **by_column("help", question.helps),
        **by_column("low", ends[0]),
        **by_column("high", ends[1]),
        **{name: [_entry(each) for each in getattr(question, name)] for name in ("options", "rows")},
    }


def empty(kind: str) -> dict[str, Any]:
    """Return the data of the form of a new question; of a scale unless there is such a kind."""
    return {"kind": kind if kind in KINDS else "scale", **NEW}


def question_form(earlier: Sequence[Question], data: Mapping[str, Any], sent: FormData | None = None) -> QuestionForm:
    """Return the form, filled in with `data` or with what was sent; with more rows where those were asked for."""
    form = QuestionForm(sent, data=data)
    form.offer(earlier, sent.text("more") if sent else "")
    return form


def shown_if_choices(earlier: Sequence[Question]) -> list[SelectChoice]:
    """Return the conditions that answers to earlier questions can be, each in words."""
    return [
        SelectChoice(condition, f"{question.label[0]} {choice.label[0]}")
        for question in earlier
        for condition, choice in zip(rules.conditions_of(question), question.choices, strict=False)
    ]


def _entry(choice: Choice) -> dict[str, str]:
    return {"code": choice.code, **by_column("label", choice.labels)}


def _choice(form: Any) -> Choice:
    return Choice(form.code.data or "", by_language(form, "label"))


def _written(form: Any) -> bool:
    return bool(form.code.data) or any(form[f"label_{code}"].data for code in LANGUAGES)
