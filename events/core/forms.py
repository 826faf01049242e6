"""Forms: what all of them share, and how a request's form is read (WTForms)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.enums import RequestEncodingType
from wtforms import EmailField, Field, FileField, Form, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.i18n import DummyTranslations, get_translations
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from events.core.addresses import normal_address
from events.core.errors import BadRequest
from events.core.i18n import LANGUAGES, language, set_language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.text import clean_line, clean_text

LANGUAGE_FIELD = "_language"
"""A submit button of this name changes the language and shows the form again with what was typed."""

MAX_FIELDS = 500


_OURS = (_l("Not a valid date value."), _l("Number must be between %(min)s and %(max)s."))
"""Messages of WTForms that our catalogues say better than its own: their Finnish is not natural."""


class _Translations:
    """What WTForms asks for its messages: our catalogues come before its own."""

    def __init__(self, theirs: Any) -> None:
        self._theirs = theirs

    def gettext(self, message: str) -> str:
        said = _(message)
        return str(self._theirs.gettext(message)) if said == message else said

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(self._theirs.ngettext(singular, plural, n))


class FormData(dict[str, list[str]]):
    """What a form sent, as WTForms wants to read it."""

    def getlist(self, name: str) -> list[str]:
        return self.get(name, [])

    def text(self, name: str) -> str:
        """Return the first text sent under a name, "" when there is none (a file is none)."""
        return next((value for value in self.getlist(name) if isinstance(value, str)), "")


class BaseForm(Form):  # type: ignore[misc]
    """A form whose messages come in the user's language and whose texts are clean."""

    class Meta:
        """WTForms asks here for translations and for filters."""

        def get_translations(self, form: Form) -> Any:  # noqa: ARG002 - WTForms' signature
            return DummyTranslations() if language() == "en" else _Translations(get_translations([language()]))

        def wrap_formdata(self, form: Form, formdata: FormData | None) -> FormData | None:
            """Keep files from fields that take text: no validator of theirs expects one."""
            if formdata is None:
                return None
            files = {field.name for field in form if isinstance(field, FileField)}
            return FormData(
                (name, values if name in files else [value for value in values if isinstance(value, str)])
                for name, values in formdata.items()
            )

        def bind_field(self, form: Form, unbound_field: Any, options: Mapping[str, Any]) -> Field:
            field_class = unbound_field.field_class
            filters = tuple(unbound_field.kwargs.get("filters", ()))
            if issubclass(field_class, TextAreaField):
                filters = (_text, *filters)
            elif issubclass(field_class, StringField):
                filters = (_line, *filters)
            if issubclass(field_class, EmailField):
                filters = (*filters, _lower)
            return unbound_field.bind(form=form, **{**options, "filters": filters})

    def __init__(self, formdata: FormData | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(formdata, *args, **kwargs)
        self.only_language_changes = bool(formdata and LANGUAGE_FIELD in formdata)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check all fields; a form that was sent to change the language is never valid and has no errors."""
        if self.only_language_changes:
            return False
        return bool(super().validate(extra_validators))

    @property
    def status(self) -> int:
        """The status of a page that shows the form again: 422, or 200 when it was sent to change the language."""
        return 200 if self.only_language_changes else 422

    def show(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Set what a use case found wrong beside its fields, and above the form what is about none of them."""
        for name, messages in errors.items():
            field = self.meant(name)
            if field is None:
                self.form_errors.extend(messages)
            else:
                field.errors = [*field.errors, *messages]

    def meant(self, name: str) -> Field | None:
        """Return the field that an error of this name is about."""
        return self._fields.get(name)


class Marked:
    """Marks a field as one that must be filled in; whether it was is settled with all the rest, not here."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Let everything pass."""


def choices(options: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return (value, label) pairs as WTForms takes them."""
    return [SelectChoice(value, label) for value, label in options]


def takes_mail(_form: Form, field: Field) -> None:
    """Refuse what is no address that mail can be sent to."""
    if normal_address(field.data) is None:
        raise ValidationError(_("Write the address in the form name@organisation.fi."))


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few choices, as check boxes under one question."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


_OPTION = re.compile(r"((options|rows)-(\d{1,4}))-")
_BROKEN = re.compile("[\x00\ud800-\udfff]")


def move_option(sent: FormData) -> tuple[str, str] | None:
    """Let an option, or a row of a matrix, change places with its neighbour (`option_up`, `option_down`: its name).

    Returns the button that is to be pressed next, by the option's new name and the way; None when none was pressed.
    """
    way = next((way for way in ("up", "down") if f"option_{way}" in sent), None)
    if way is None:
        return None
    pressed = sent.text(f"option_{way}")
    entries = {(int(found[3]), found[1], found[2]) for name in sent if (found := _OPTION.match(name))}
    names = [name for _place, name, kind in sorted(entries) if kind == pressed.partition("-")[0]]
    if pressed not in names:
        return None
    place = names.index(pressed) + (-1 if way == "up" else 1)
    if 0 <= place < len(names):
        changed = {pressed: names[place], names[place]: pressed}
        moved = {_OPTION.sub(lambda found: changed.get(found[1], found[1]) + "-", name): sent[name] for name in sent}
        sent.clear()
        sent.update(moved)
        pressed = names[place]
    ends = {names[0]: "down", names[-1]: "up"}
    return pressed, ends.get(pressed, way)


def add_error(field: Field, message: str) -> None:
    """Put an error beside a field that its own validators let through."""
    field.errors = [*field.errors, message]


def by_language(form: Form, name: str) -> dict[str, str]:
    """Return what the fields hold of which there is one per language: `name`_fi and so on."""
    return {code: form[f"{name}_{code}"].data or "" for code in LANGUAGES}


def chosen(field: SelectMultipleField) -> list[str]:
    """Return what was chosen of what a field offers, in its order."""
    return [choice.value for choice in field.choices if choice.value in (field.data or [])]


async def read_form(request: Request[Any, Any, Any], *, most: int = MAX_FIELDS) -> FormData:
    """Read a form; raises BadRequest when it cannot be read, holds NUL or broken text, or more than `most` fields."""
    try:
        items = await _items(request, most)
    except (ValueError, UnicodeError, RecursionError, LookupError) as error:  # the last: a charset nobody knows
        raise BadRequest from error
    if len(items) > most:
        raise BadRequest
    data = FormData()
    for name, value in items:
        if isinstance(value, str):
            _refuse_broken(name, value)
        _refuse_unreadable(name)
        data.setdefault(name, []).append(value)
    wanted = data.text(LANGUAGE_FIELD)
    if wanted in LANGUAGES:
        set_language(wanted)
        request.scope["state"]["chosen_language"] = wanted
    return data


async def _items(request: Request[Any, Any, Any], most: int) -> list[tuple[str, Any]]:
    if request.content_type[0] != RequestEncodingType.URL_ENCODED:
        return list((await request.form()).multi_items())
    # Litestar's own reading keeps the last thousand bodies in memory, passwords included, however large they are.
    body = (await request.body()).decode("latin-1")
    return parse_qsl(body, keep_blank_values=True, max_num_fields=most, errors="strict")


def _refuse_broken(*texts: str) -> None:
    for text in texts:
        if _BROKEN.search(text):
            raise BadRequest


def _refuse_unreadable(name: str) -> None:
    """Raise BadRequest for a name whose digits are no number, or an endless one: WTForms looks for entries in it."""
    try:
        for part in name.split("-"):
            int(part if part.isdigit() else 0)
    except ValueError as error:
        raise BadRequest from error


def _line(value: Any) -> Any:
    return clean_line(value) if isinstance(value, str) else value


def _text(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
