"""The data dictionary: what each column of the reports' JSON, CSV and XLSX is called, holds and means.

It is made from the structs that are answered and the definitions that are printed, so that it cannot say otherwise.
"""

import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct

from events.reports import exports, rows_file, words
from events.reports.dashboard import parts
from events.reports.dashboard.shapes import Dashboard
from events.reports.effect import files as network_files
from events.reports.effect.parts import TABLES
from events.reports.effect.shapes import NetworkEffect
from events.reports.funder import words as funder_words
from events.reports.funder.shapes import FunderReportView
from events.reports.meanings import MEANINGS, NETWORK_PARTS, OF, PARTS, ROWS
from events.reports.shapes import ParticipationReport
from events.reports.words import Words


class Field(Struct, frozen=True):
    """A name that programs read, or a heading of a file that people open, in the present language.

    With it its type, whether it may be missing (null), and what it means.
    """

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


_ANSWERS: Mapping[str, type[Struct]] = {
    "GET /api/v1/reports/participation": ParticipationReport,
    "GET /api/v1/reports/dashboard": Dashboard,
    "GET /api/v1/reports/network": NetworkEffect,
    "GET /api/v1/reports/funder/{id}/{revision}": FunderReportView,
}

_NAMING = ("code", "name", "theme", "theme_name", "region", "region_name", "held_on")
"""Columns that say what a row is about."""

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
    columns = [Field(name, _csv_type(name), nullable=True, meaning=_meaning(name)) for name in exports.CSV_HEADER]
    files = [Shape("participation.csv", "participation.csv", columns), *_part_files(), *_network_files()]
    rows = [_rows_file("csv", rows_file.COLUMNS), _rows_file("xlsx", rows_file.HEADINGS)]
    return Dictionary([*files, *rows, *_shapes()], list(_codes()))


def _part_files() -> Iterator[Shape]:
    """Yield each of the dashboard's CSV files with the columns of which it is made."""
    for part in parts.TITLES:
        fields = [
            Field(
                parts.heading(name),
                _part_type(part, name),
                nullable=name not in _NAMING,
                meaning=str(PARTS.get(name, _meaning(name))),
            )
            for name in parts.columns_of(part)
        ]
        yield Shape(f"dashboard/{part}.csv", f"/staff/reports/dashboard/{part}.csv", fields)


def _part_type(part: str, name: str) -> str:
    if name in _NAMING:
        return "date" if name == "held_on" else "text"
    if name == "target":
        return "boolean"
    return "number" if name == "hours" or (part, name) == ("totals", "number") else "integer"


def _network_files() -> Iterator[Shape]:
    """Yield the network effect's CSV file with all its tables below each other, then the file of each one."""
    tables = {name: _network_fields(name) for name in TABLES}
    everything = [_of_all(column, tables) for column in network_files.csv_header(TABLES)]
    yield Shape("network.csv", "/staff/reports/network.csv", everything)
    for name, fields in tables.items():
        yield Shape(f"network.csv?part={name}", f"/staff/reports/network.csv?part={name}", fields)


def _network_fields(part: str) -> list[Field]:
    known = {column.code: column for column in TABLES[part].columns}
    told = NETWORK_PARTS[part]
    return [
        Field(
            name,
            _TYPES[known[name].holds if name in known else str],
            nullable=name in known and known[name].nullable,
            meaning=str(told.get(name, _meaning(name))),
        )
        for name in network_files.csv_header([part])
    ]


def _of_all(name: str, tables: Mapping[str, list[Field]]) -> Field:
    """Return a column of the file with all tables: empty in those without it; where it means several things, each."""
    found = {part: field for part, fields in tables.items() for field in fields if field.name == name}
    meanings: dict[str, list[str]] = {}
    for part, field in found.items():
        meanings.setdefault(field.meaning, []).append(part)
    several = len(meanings) > 1
    return Field(
        name,
        " | ".join(dict.fromkeys(field.type for field in found.values())),
        nullable=len(found) < len(tables) or any(field.nullable for field in found.values()),
        meaning=" ".join(f"{', '.join(parts)}: {text}" if several else text for text, parts in meanings.items()),
    )


def _rows_file(kind: str, columns: Iterable[str]) -> Shape:
    """Return the file of the rows behind a figure."""
    fields = [
        Field(
            rows_file.heading(name),
            _TYPES[rows_file.COLUMNS[name]],
            nullable=name in rows_file.MAY_BE_EMPTY,
            meaning=str(ROWS.get(name, MEANINGS["code"])),
        )
        for name in columns
    ]
    return Shape(f"participation/rows.{kind}", f"/staff/reports/participation/rows.{kind}", fields)


def _shapes() -> Iterator[Shape]:
    """Yield each struct of the answers once, with all the answers in which it stands."""
    found: dict[type[Struct], list[str]] = {}
    for where, root in _ANSWERS.items():
        waiting = [root]
        while waiting:
            struct = waiting.pop(0)
            if where in found.setdefault(struct, []):
                continue
            found[struct].append(where)
            waiting += [inner for hint in get_type_hints(struct).values() for inner in _structs(hint)]
    for struct, answers in found.items():
        hints = get_type_hints(struct)
        fields = [_field(each.encode_name, hints[each.name], struct) for each in msgspec.structs.fields(struct)]
        yield Shape(struct.__name__, ", ".join(answers), fields)


def _field(name: str, hint: Any, struct: type[Struct]) -> Field:
    nullable = type(None) in get_args(hint)
    return Field(name, _type(hint), nullable=nullable, meaning=_meaning(name, struct))


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


def _meaning(name: str, struct: type[Struct] = Struct) -> str:
    """Say what a name means: in its struct, in one on which that is built, or else wherever it stands."""
    own = (OF[each][name] for each in struct.__mro__ if name in OF.get(each, {}))
    return str(next(own, MEANINGS.get(name, "")))


def _codes() -> Iterator[Codes]:
    several: Mapping[str, Mapping[str, Words]] = {
        "by": words.BREAK_DOWNS,
        "event_kind": words.KINDS,
        "role": words.ROLES,
        "organisation_type": words.ORGANISATION_TYPES,
        "size_class": words.SIZE_CLASSES,
        "site_mode": words.SITE_MODES,
    }
    for name, codes in several.items():
        yield Codes(name, [Code(str(code), str(words_), "") for code, words_ in codes.items()])
    rules = [
        Code(rule.value, str(name), str(funder_words.DEFINITIONS[rule])) for rule, name in funder_words.RULES.items()
    ]
    yield Codes("rule", rules)
