"""The questions of an event as fields of a form: a class is made for each event, in the present language."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from markupsafe import Markup
from wtforms import BooleanField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.widgets import DateInput

from events.core import bounds
from events.core.errors import Invalid
from events.core.forms import BaseForm, CheckboxesField, Marked
from events.core.i18n import gettext as _
from events.core.i18n import language, ngettext, typed_number
from events.registration.consents import consent_texts
from events.registration.questions.answering import Entered
from events.registration.questions.asked import CHOICES, NO, YES, Asked, Option, Value, in_words
from events.registration.questions.reading import LONGEST, read
from events.registration.questions.rules import only_if
from events.registration.questions.tables import QuestionKind
from events.registration.tables import ConsentKind


def asking(
    form: type[BaseForm], questions: Iterable[Asked], *, holding: Mapping[str, Value] | None = None
) -> type[BaseForm]:
    """Return `form` with a field for each question; `holding` are the answers that hold places of options already."""
    fields: dict[str, Any] = {}
    for question in questions:
        fields[question.field] = _field(question, (holding or {}).get(question.code))
        if question.health:
            fields[question.agreed_field] = BooleanField(consent_texts(language())[ConsentKind.HEALTH])
    return type(f"Asking{form.__name__}", (form,), fields)


def present(questions: Iterable[Asked], answers: Mapping[str, Value]) -> dict[str, Any]:
    """Return stored answers as the data of such a form."""
    data: dict[str, Any] = {}
    for question in questions:
        value = answers.get(question.code)
        if isinstance(value, int | float):
            value = typed_number(value)
        data[question.field] = bool(value) if question.kind is QuestionKind.CONSENT else value
        data[question.agreed_field] = value is not None
    return data


def entered(form: BaseForm, questions: Iterable[Asked]) -> Entered:
    """Return what was typed and chosen."""
    asked = list(questions)
    return Entered(
        {question.code: form[question.field].data for question in asked},
        frozenset(question.code for question in asked if question.health and form[question.agreed_field].data),
    )


def check(form: BaseForm, questions: Sequence[Asked], site: UUID | None, *, later: bool) -> bool:
    """Say whether the answers hold; what does not is said beside its field. `later` is who gets no place at once."""
    given = entered(form, questions)
    try:
        read(questions, given.raw, site=site, agreed=given.agreed, later=later)
    except Invalid as invalid:
        form.show(invalid.errors)
        return False
    return True


def conditions(questions: Sequence[Asked], places: Mapping[UUID, str]) -> dict[str, str]:
    """Say of each question that not everybody is asked who is: where no script hides it, its reader must know."""
    by_code = {question.code: question for question in questions}
    said = {}
    for question in questions:
        chosen = []
        for condition in question.shown_if:
            code, _equals, value = condition.partition("=")
            if code in by_code:
                chosen.append((by_code[code].label[0], in_words(by_code[code], value)))
        words = only_if(chosen, [places[site] for site in question.shown_at if site in places])
        if words:
            said[question.code] = words
    return said


def in_its_language(text: tuple[str, str]) -> str:
    """Return a text marked with its language where that is not the page's."""
    return text[0] if text[1] == language() else Markup('<span lang="{1}">{0}</span>').format(*text)


def _field(question: Asked, holding: Value | None) -> Any:
    label = in_its_language(question.label)
    more: dict[str, Any] = {
        "description": _description(question),
        "validators": [Marked()] if question.required else [],
    }
    match question.kind:
        case QuestionKind.ONE | QuestionKind.MANY:
            kind = RadioField if question.kind is QuestionKind.ONE else CheckboxesField
            held = holding if isinstance(holding, list) else [holding]
            choices = [_choice(option, held) for option in question.options]
            choices += _none(question) if kind is RadioField else []
            field = kind(label, choices=choices, validate_choice=False, **more)
        case QuestionKind.YES_NO:
            choices = [SelectChoice(YES, _("Yes")), SelectChoice(NO, _("No")), *_none(question)]
            field = RadioField(label, choices=choices, validate_choice=False, **more)
        case QuestionKind.CONSENT:
            field = BooleanField(label, render_kw={"value": YES}, **more)
        case QuestionKind.LONG:
            field = TextAreaField(label, render_kw={"rows": 4, "maxlength": LONGEST[question.kind]}, **more)
        case QuestionKind.DATE:
            field = StringField(label, widget=DateInput(), render_kw={"class": "medium"}, **more)
        case QuestionKind.NUMBER:
            field = StringField(label, render_kw={"inputmode": "decimal", "class": "short"}, **more)
        case QuestionKind.SHORT:
            field = StringField(label, render_kw={"maxlength": LONGEST[question.kind]}, **more)
    return field


def _choice(option: Option, held: Collection[Any]) -> SelectChoice:
    words, left = in_its_language(option.label), option.left
    if left is None or option.code in held:
        return SelectChoice(option.code, words)
    note = ngettext("%(n)s place left", "%(n)s places left", left) if left else _("full")
    return SelectChoice(
        option.code, Markup("{} ({})").format(words, note), render_kw={} if left else {"disabled": True}
    )


def _none(question: Asked) -> list[SelectChoice]:
    """Return the choice that takes an answer about health back: a browser lets nobody untick a radio button."""
    return [SelectChoice("", _("I do not answer"))] if question.health else []


def _description(question: Asked) -> str:
    parts = [in_its_language(question.help)] if question.help[0] else []
    others = {question.label[1], *(option.label[1] for option in question.options if question.kind in CHOICES)}
    only = {"fi": _("Only in Finnish"), "sv": _("Only in Swedish"), "en": _("Only in English")}
    parts += [only[code] for code in sorted(others - {language()})]
    if question.kind is QuestionKind.NUMBER and (limits := bounds.hint(question.least, question.most)):
        parts.append(limits)
    return Markup(" · ").join(parts)
