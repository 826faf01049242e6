"""The form in which a question is built."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

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
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme.scopes import ScopeForm
from events.registration.questions.asked import CHOICES, NO, YES, Asked, in_words
from events.registration.questions.building import NewOption, NewQuestion
from events.registration.questions.tables import QuestionKind

SPARE_OPTIONS = 2
MOST_OPTIONS = 40
MOST_PLACES = 1_000_000

KINDS: Mapping[str, object] = {
    "short": _l("Short text"),
    "long": _l("Long text"),
    "one": _l("One of several"),
    "many": _l("Any of several"),
    "yes_no": _l("Yes or no"),
    "number": _l("Number"),
    "date": _l("Date"),
    "consent": _l("Consent"),
}


NEW: Mapping[str, int] = {"least": bounds.USUAL}
"""What the form of a new question holds."""


class OptionForm(Form):  # type: ignore[misc]
    """One option; `code` is empty for a new one."""

    Meta = BaseForm.Meta
    code = HiddenField()
    label_fi = StringField(_l("In Finnish"), [Length(max=300)])
    label_sv = StringField(_l("In Swedish"), [Length(max=300)])
    label_en = StringField(_l("In English"), [Length(max=300)])
    capacity = IntegerField(
        _l("Places"),
        [Optional(), NumberRange(0, MOST_PLACES, _l("Give a number from 0 upwards, or leave it empty for no limit."))],
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    remove = BooleanField(_l("Remove this option"))


class QuestionForm(ScopeForm):
    """A question in three languages, who is asked, and what can be chosen."""

    kind = SelectField(_l("Kind of answer"), render_kw={"class": "medium", "data-kind": ""})
    label_fi = StringField(_l("Question in Finnish"), [Length(max=500)])
    label_sv = StringField(_l("Question in Swedish"), [Length(max=500)])
    label_en = StringField(_l("Question in English"), [Length(max=500)])
    help_fi = TextAreaField(_l("Hint in Finnish"), [Length(max=1000)], render_kw={"rows": 2})
    help_sv = TextAreaField(_l("Hint in Swedish"), [Length(max=1000)], render_kw={"rows": 2})
    help_en = TextAreaField(_l("Hint in English"), [Length(max=1000)], render_kw={"rows": 2})
    required = BooleanField(_l("Must be answered"))
    health = BooleanField(
        _l("It is about health: diet, allergies, accessibility"),
        description=_l("Always optional and with its own consent; seen only by organisers; deleted a week after."),
    )
    kitchen = BooleanField(_l("Count the answers for the catering"))
    shown_if = CheckboxesField(
        _l("Ask only those who answered"), validate_choice=False, description=_l("Nothing chosen: everybody.")
    )
    shown_at = CheckboxesField(
        _l("Ask only those who attend"), validate_choice=False, description=_l("Nothing chosen: everybody.")
    )
    least = bounds.limit_field(_l("Smallest number"))
    most = bounds.limit_field(_l("Largest number"))
    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)

    def offer(self, earlier: Sequence[Asked], places: Mapping[UUID, str]) -> None:
        """Offer what conditions can ask: answers to earlier questions, and sites where there are several."""
        self.kind.choices = [SelectChoice(kind, str(name)) for kind, name in KINDS.items()]
        self.shown_if.choices = [SelectChoice(*pair) for question in earlier for pair in _answers(question)]
        several = places if len(places) > 1 else {}
        self.shown_at.choices = [SelectChoice(str(site), name) for site, name in several.items()]
        rows = len([entry for entry in self.options if entry.form.code.data or _written(entry.form)])
        while len(self.options) < min(rows + SPARE_OPTIONS, MOST_OPTIONS):
            self.options.append_entry()

    @property
    def wanted(self) -> list[Any]:
        """The options that are to stay or to come, in their order."""
        return [entry.form for entry in self.options if not entry.form.remove.data and _written(entry.form)]

    def new(self) -> NewQuestion:
        """Return the question of a valid form."""
        kind = QuestionKind(self.kind.data)
        number = kind is QuestionKind.NUMBER
        return NewQuestion(
            kind=kind,
            labels=by_language(self, "label"),
            helps=by_language(self, "help"),
            required=self.required.data,
            health=self.health.data,
            kitchen=self.kitchen.data,
            least=self.least.data if number else None,
            most=self.most.data if number else None,
            shown_if=chosen(self.shown_if),
            shown_at=[UUID(site) for site in chosen(self.shown_at)],
            options=[
                NewOption(code=form.code.data or "", labels=by_language(form, "label"), capacity=form.capacity.data)
                for form in self.wanted
                if kind in CHOICES
            ],
        )

    def meant(self, name: str) -> Field | None:
        """Return the field that an error is about; options are counted as `wanted`."""
        entries, _dash, rest = name.partition("-")
        if entries != "options":
            return super().meant(name)
        number, _dash, inner = rest.partition("-")
        return self.wanted[int(number)][inner] if rest else None


def stored(question: Asked | NewQuestion) -> dict[str, Any]:
    """Return a question as the data of the form."""
    return {
        **{name: getattr(question, name) for name in ("required", "health", "kitchen")},
        "kind": question.kind.value,
        "least": question.least if question.kind is QuestionKind.NUMBER else bounds.USUAL,
        "most": question.most,
        **by_column("label", question.labels),
        **by_column("help", question.helps),
        "shown_if": list(question.shown_if),
        "shown_at": [str(site) for site in question.shown_at],
        "options": [
            {
                "code": option.code,
                "capacity": option.capacity,
                **by_column("label", option.labels),
            }
            for option in question.options
        ],
    }


def question_form(
    earlier: Sequence[Asked], places: Mapping[UUID, str], data: Mapping[str, Any], sent: FormData | None = None
) -> QuestionForm:
    """Return the form, filled in with `data` or with what was sent."""
    form = QuestionForm(sent, data=data)
    form.offer(earlier, places)
    return form


def _answers(question: Asked) -> Iterable[tuple[str, str]]:
    """Return the conditions that a question's answers can be, each in words."""
    values = {
        QuestionKind.YES_NO: [YES, NO],
        QuestionKind.CONSENT: [YES],
    }.get(question.kind, [option.code for option in question.options])
    for value in values:
        words = _("Yes") if question.kind is QuestionKind.CONSENT else in_words(question, value)
        yield f"{question.code}={value}", f"{question.label[0]} {words}"


def _written(form: Any) -> bool:
    return any(form[f"label_{code}"].data for code in LANGUAGES) or form.code.data
