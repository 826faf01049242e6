"""The form of a survey, made from its questions in the present language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import Field, RadioField, SelectChoice, StringField, TextAreaField

from events.core import bounds
from events.core.errors import Invalid
from events.core.forms import BaseForm, CheckboxesField, FormData, Marked
from events.core.i18n import LANGUAGES, language, pick
from events.registration.questions.rules import only_if
from events.surveys.asked import Question
from events.surveys.reading import checked
from events.surveys.rules import LONGEST_TEXT
from events.surveys.tables import QuestionKind


class SurveyForm(BaseForm):
    """Answers to a survey; what a question may be answered stands in `reading.checked`."""

    questions: Sequence[Question] = ()

    @property
    def answers(self) -> dict[str, object]:
        """What was typed and chosen, by the questions' codes."""
        return {
            question.code: {row.code: self[row_field(question, row.code)].data for row in question.rows}
            if question.kind is QuestionKind.MATRIX
            else self[question.field].data
            for question in self.questions
            if question.kind is not QuestionKind.SECTION
        }

    @property
    def other_languages(self) -> list[str]:
        """The languages, beside the page's, of what is not written in that one."""
        shown = {
            code for question in self.questions for text in question.texts for words, code in [pick(text)] if words
        }
        return [code for code in LANGUAGES if code in shown and code != language()]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the answers, and that there is at least one."""
        if not super().validate(extra_validators):
            return False
        try:
            checked(self.answers, self.questions)
        except Invalid as invalid:
            self.show(invalid.errors)
            return False
        return True

    def show(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Set messages beside their fields, of a matrix beside the rows that were left out; others above the form."""
        beside = dict(errors)
        for question in self.questions:
            if question.kind is QuestionKind.MATRIX and question.field in beside:
                messages = beside.pop(question.field)
                rows = [self[row_field(question, row.code)] for row in question.rows]
                for field in [field for field in rows if not field.data] or rows[:1]:
                    field.errors = [*field.errors, *messages]
        super().show(beside)


def row_field(question: Question, row: str) -> str:
    """Return the name of the field of one row of a matrix."""
    return f"{question.field}.{row}"


def survey_form(questions: Sequence[Question], sent: FormData | None = None) -> SurveyForm:
    """Make the form of a survey, filled in with what was sent."""
    fields = dict(field for question in questions for field in _fields(question))
    form: SurveyForm = type("OneSurveyForm", (SurveyForm,), {**fields, "questions": tuple(questions)})(sent)
    return form


def conditions(questions: Iterable[Question]) -> dict[str, str]:
    """Say of each question that not everybody is asked who is: where no script hides it, its reader must know."""
    pairs: dict[str, tuple[str, str]] = {}
    said = {}
    for question in questions:
        words = only_if(pairs[condition] for condition in question.shown_if if condition in pairs)
        if words:
            said[question.code] = words
        pairs |= {
            f"{question.code}={each.code}": (in_its_language(question.label), in_its_language(each.label))
            for each in question.choices
        }
    return said


def in_its_language(text: tuple[str, str]) -> str:
    """Return a text marked with its language where that is not the page's."""
    return text[0] if text[1] == language() or not text[0] else Markup('<span lang="{}">{}</span>').format(*text[::-1])


def _description(question: Question) -> str:
    """Return the hint of a question, with the limits of a number but where there is just the usual one, 0."""
    limits = bounds.hint(question.least, question.most)
    return Markup(" · ").join(part for part in (in_its_language(question.help), limits) if part)


def _fields(question: Question) -> Iterator[tuple[str, Field]]:
    more: dict[str, Any] = {
        "description": _description(question),
        "validators": [Marked()] if question.required else [],
    }
    label = in_its_language(question.label)
    choices = [SelectChoice(each.code, in_its_language(each.label)) for each in question.choices]
    match question.kind:
        case QuestionKind.SECTION:
            return
        case QuestionKind.MATRIX:
            for row in question.rows:
                marks = more["validators"]
                field = RadioField(in_its_language(row.label), marks, choices=choices, validate_choice=False)
                yield row_field(question, row.code), field
        case QuestionKind.MANY:
            yield question.field, CheckboxesField(label, choices=choices, validate_choice=False, **more)
        case QuestionKind.NUMBER:
            yield question.field, StringField(label, render_kw={"inputmode": "decimal", "class": "short"}, **more)
        case QuestionKind.TEXT:
            yield question.field, TextAreaField(label, render_kw={"rows": 5, "maxlength": LONGEST_TEXT}, **more)
        case _:
            yield question.field, RadioField(label, choices=choices, validate_choice=False, **more)
