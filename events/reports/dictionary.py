"""The data dictionary: what each column of the reports' JSON, CSV and XLSX is called, holds and means.

It is made from the structs that are answered and the definitions that are printed, so that it cannot say otherwise.
"""

import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core.i18n import lazy_gettext as _
from events.reports import exports, words
from events.reports.funder import words as funder_words
from events.reports.funder.shapes import FunderReportView
from events.reports.funder.tables import Rule
from events.reports.shapes import ParticipationReport
from events.reports.words import Words


class Field(Struct, frozen=True):
    """A name that programs read: its type, whether it may be missing (null), and what it means, where that is told."""

    name: str
    type: str
    nullable: bool
    meaning: str


class Shape(Struct, frozen=True):
    """A group of names: `id` is stable, `where` says in which answer or file it stands."""

    id: str
    where: str
    fields: list[Field]


class Code(Struct, frozen=True):
    """A code that stands in a field, what it is called and what it means."""

    code: str
    name: str
    meaning: str


class Codes(Struct, frozen=True):
    """The codes of a field."""

    id: str
    codes: list[Code]


class Dictionary(Struct, frozen=True):
    """Everything, in the present language."""

    shapes: list[Shape]
    codes: list[Codes]


_MEANINGS: Mapping[str, Words] = {
    **words.DEFINITIONS,
    "events": _("The events that are counted, by day."),
    "break_downs": _("The same figures by one property each."),
    "parts": _("The same figures by one property each."),
    "cells": _("One row for each value of the property."),
    "by": _("The property by which the figures are broken down."),
    "code": _("A code that stays the same in every language."),
    "name": _("The name of the code, in the language of the answer."),
    "slug": _("The last part of the address of an event."),
    "held_on": _("The day of the event, where it was held."),
    "hours": _("Minutes divided by 60, to two decimals."),
    "person_days": funder_words.RULES[Rule.PERSON_DAYS],
    "without_address": _("Persons without an e-mail address, who cannot be recognised again."),
    "without_organisation": _("Participations without an organisation."),
    "not_counted": _("Participations in roles or at kinds of event that do not count."),
    "marks": _("What the funder asks for beside its figures."),
    "figures": _("The indicators of the project, in the order of the funder’s form."),
    "value": _("The value of the indicator; missing where it is not known or hidden."),
    "uncertain": _("Participations whose person is not certain: without an e-mail address, or maybe registered twice."),
    "hidden": _("Kept back, so that nobody in a small group can be recognised."),
    "has_hidden": _("Kept back, so that nobody in a small group can be recognised."),
    "projects": _("Other projects for which the event counts too."),
    "revision": _("The number of the frozen revision; 0 is a draft."),
    "input_hash": _("SHA-256 of the rows that were counted and of the definitions."),
    "code_version": _("The version of the service that counted."),
    "changes": _("What differs from the revision before."),
    "made_at": _("When it was counted."),
    "starts_on": _("First day of the period."),
    "ends_on": _("Last day of the period."),
    "from": _("First day of the period."),
    "to": _("Last day of the period."),
}

_TYPES: Mapping[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    date: "date",
    datetime: "date-time",
    UUID: "uuid",
    bytes: "base64",
}


def dictionary() -> Dictionary:
    """Make the dictionary in the present language."""
    shapes = [*_shapes("GET /api/v1/reports/participation", ParticipationReport)]
    shapes += _shapes("GET /api/v1/reports/funder/{id}/{revision}", FunderReportView)
    columns = [Field(name, _csv_type(name), nullable=True, meaning=_meaning(name)) for name in exports.CSV_HEADER]
    return Dictionary([Shape("participation.csv", "participation.csv", columns), *shapes], list(_codes()))


def _shapes(where: str, root: type[Struct]) -> Iterator[Shape]:
    """Yield a struct and all structs that its fields hold, each once."""
    waiting, seen = [root], set[type[Struct]]()
    while waiting:
        struct = waiting.pop(0)
        if struct in seen:
            continue
        seen.add(struct)
        hints = get_type_hints(struct)
        fields = [(field, hints[field.name]) for field in msgspec.structs.fields(struct)]
        yield Shape(struct.__name__, where, [_field(field.encode_name, hint) for field, hint in fields])
        waiting += [inner for _field_of, hint in fields for inner in _structs(hint)]


def _field(name: str, hint: Any) -> Field:
    nullable = type(None) in get_args(hint)
    return Field(name, _type(hint), nullable=nullable, meaning=_meaning(name))


def _type(hint: Any) -> str:
    origin, inner = get_origin(hint), [each for each in get_args(hint) if each is not type(None)]
    if origin in {Union, types.UnionType}:
        return " | ".join(_type(each) for each in inner)
    if origin is list:
        return f"[{_type(inner[0])}]"
    if origin is dict:
        return f"{{{_type(inner[0])}: {_type(inner[1])}}}"
    if origin is tuple:
        return f"({', '.join(_type(each) for each in inner)})"
    return _TYPES.get(hint, getattr(hint, "__name__", str(hint)))


def _structs(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for inner in get_args(hint):
        yield from _structs(inner)


def _csv_type(name: str) -> str:
    return {"hours": "number", "section": "text", "code": "text", "name": "text"}.get(name, "integer")


def _meaning(name: str) -> str:
    return str(_MEANINGS.get(name, ""))


def _codes() -> Iterator[Codes]:
    several: Mapping[str, Mapping[str, Words]] = {
        "by": words.BREAK_DOWNS,
        "event_kind": words.KINDS,
        "role": words.ROLES,
        "organisation_type": words.ORGANISATION_TYPES,
        "size_class": words.SIZE_CLASSES,
    }
    for name, codes in several.items():
        yield Codes(name, [Code(str(code), str(words_), "") for code, words_ in codes.items()])
    rules = [
        Code(rule.value, str(name), str(funder_words.DEFINITIONS[rule])) for rule, name in funder_words.RULES.items()
    ]
    yield Codes("rule", rules)
