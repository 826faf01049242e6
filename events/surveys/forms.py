"""The form of a survey, made from its questions."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field, RadioField, SelectChoice, TextAreaField
from wtforms.validators import Length, Optional

from events.core.forms import BaseForm
from events.core.i18n import gettext as _
from events.surveys.rules import DEFAULT_SURVEY, LONGEST_TEXT, Question, QuestionKind


class SurveyForm(BaseForm):
    """Answers to a survey; each question may be left out, but not all of them."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the answers, and that there is at least one."""
        valid = super().validate(extra_validators)
        if valid and not any(field.data for field in self):
            self.form_errors.append(_("Please answer at least one question."))
            return False
        return valid


def survey_form(questions: Sequence[Question] = DEFAULT_SURVEY) -> type[SurveyForm]:
    """Make the form class of a survey."""
    return type("OneSurveyForm", (SurveyForm,), {question.name: _field(question) for question in questions})


def _field(question: Question) -> Field:
    if question.kind is QuestionKind.TEXT:
        return TextAreaField(question.label, [Optional(), Length(max=LONGEST_TEXT)], render_kw={"rows": 5})
    choices = question.choices or [(code, _end(question, code)) for code in question.codes]
    return RadioField(question.label, [Optional()], choices=[SelectChoice(*choice) for choice in choices])


def _end(question: Question, code: str) -> str:
    words = {question.low: question.ends[0], question.high: question.ends[1]}.get(int(code))
    return f"{code} – {words}" if words else code
