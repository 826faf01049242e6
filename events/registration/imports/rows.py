"""Checking one row of a table of participants: pure, with every reason why it cannot be taken."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct, field, structs

from events.core.errors import Invalid
from events.core.i18n import gettext as _
from events.core.tabular import Row
from events.core.text import clean_line, fold
from events.network.matching import business_id
from events.programme.queries import SiteView
from events.registration import entered
from events.registration.imports.columns import LANGUAGE_WORDS, ROLES, Answer, Columns, Field, read_answer
from events.registration.new_registration import NewRegistration
from events.registration.tables import RegistrationRole

_FORMULA = re.compile(r"[=@]|[+-]\s*\w*\(")
_WEB_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)
_NAMES = (Field.FAMILY_NAME, Field.GIVEN_NAME, Field.NAME)
_SHOWN = 60
"""Signs of a cell that a reason quotes."""


class Known(Struct, frozen=True):
    """What rows are read against: municipalities by folded name or code, the event's sites in order and by name."""

    municipalities: Mapping[str, str]
    sites: Sequence[SiteView]
    named_sites: Mapping[str, SiteView]


class Wanted(Struct, frozen=True):
    """The registration that a row asks for, and whether its person attended (None: not said).

    `said_language` tells whether the row names the language or it was only guessed from the headings.
    """

    new: NewRegistration
    attended: bool | None
    said_language: bool


class Read(Struct):
    """A row that was read: what it asks for, or every reason against it; what it loses on the way is in `remarks`."""

    wanted: Wanted | None = None
    reasons: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def wants_to_come(row: Row, columns: Columns) -> bool:
    """Say whether a row is meant to be taken: not when it says no to attending, unless its person came all the same."""
    came = read_answer(row.get(columns.by_field.get(Field.ATTENDED)))
    return read_answer(row.get(columns.by_field.get(Field.ATTENDS))) is not Answer.NO or (
        came in {Answer.YES, Answer.VENUE, Answer.ONLINE}
    )


def read_row(row: Row, columns: Columns, known: Known) -> Read:
    """Read and check a row."""
    cells = {column: clean_line(row.get(columns.by_field.get(column))) for column in Field}
    read = Read()
    if row.surplus:
        read.reasons.append(_("The row has more cells than the headings."))
    read.reasons += _disguised(cells, columns)
    site, why = _site(cells, columns, known)
    read.reasons += why
    came = read_answer(cells[Field.ATTENDED])
    role = ROLES.get(fold(cells[Field.ROLE])) if cells[Field.ROLE] else RegistrationRole.PARTICIPANT
    if role is None:
        read.reasons.append(_("Unknown role: %(word)s.", word=_quoted(cells[Field.ROLE])))
    try:
        new = entered.read(_entered(cells, columns, known, site, read.remarks))
    except Invalid as error:
        if not any(cells[column] for column in _NAMES):
            read.reasons.append(_("The name is missing."))
            error.errors = {name: said for name, said in error.errors.items() if name not in _NAMES}
        read.reasons += [_against(name, messages, cells, columns) for name, messages in error.errors.items()]
        return read
    if role is not None and not read.reasons:
        attended = None if came in {Answer.NOTHING, None} else came is not Answer.NO
        said_language = fold(cells[Field.LANGUAGE]) in LANGUAGE_WORDS
        read.wanted = Wanted(structs.replace(new, role=role), attended, said_language)
    return read


def _entered(
    cells: Mapping[Field, str], columns: Columns, known: Known, site: UUID | None, remarks: list[str]
) -> entered.Entered:
    given, family = cells[Field.GIVEN_NAME], cells[Field.FAMILY_NAME]
    whole = cells[Field.NAME] if not (given or family) else "" if given and family else given or family
    return entered.Entered(
        name=whole,
        given_name="" if whole else given,
        family_name="" if whole else family,
        email=cells[Field.EMAIL],
        organisation=_organisation(cells[Field.ORGANISATION], remarks),
        business_id=_business_id(cells[Field.BUSINESS_ID], remarks),
        municipality=_municipality(cells[Field.MUNICIPALITY], known, remarks),
        language=LANGUAGE_WORDS.get(fold(cells[Field.LANGUAGE]), columns.language),
        site=site,
    )


def _disguised(cells: Mapping[Field, str], columns: Columns) -> list[str]:
    """Say which names and addresses are none but do something when they are opened in a spreadsheet or a mail."""
    reasons = []
    for column in (*_NAMES, Field.EMAIL):
        heading = columns.by_field.get(column, "")
        if _FORMULA.match(cells[column]):
            reasons.append(_("%(column)s holds a formula: %(word)s.", column=heading, word=_quoted(cells[column])))
        elif _WEB_ADDRESS.search(cells[column]):
            reasons.append(_("%(column)s holds a web address: %(word)s.", column=heading, word=_quoted(cells[column])))
    return reasons


def _organisation(text: str, remarks: list[str]) -> str:
    if _FORMULA.match(text):
        remarks.append(_("The organisation is a formula, which is left out: %(word)s.", word=_quoted(text)))
        return ""
    return text


def _business_id(text: str, remarks: list[str]) -> str:
    if text and business_id(text) is None:
        remarks.append(_("%(word)s is not a valid business ID and is left out.", word=_quoted(text)))
        return ""
    return text


def municipality_code(text: str, known: Known) -> str | None:
    """Return the code of a municipality named in Finnish or Swedish, or by its code even without leading zeros."""
    return known.municipalities.get(text.zfill(3) if text.isdecimal() else fold(text))


def _municipality(text: str, known: Known, remarks: list[str]) -> str:
    code = municipality_code(text, known)
    if text and code is None:
        remarks.append(
            _("There is no municipality called %(word)s (any more): taken as unknown.", word=_quoted(text)),
        )
    return code or ""


def _site(cells: Mapping[Field, str], columns: Columns, known: Known) -> tuple[UUID | None, list[str]]:
    """Choose the site that a row names by its manner of attending or, where there are several venues, by its name."""
    if named := known.named_sites.get(fold(cells[Field.ATTENDS])):
        return named.id, []
    reasons = []
    answers = {column: read_answer(cells[column]) for column in (Field.ATTENDS, Field.ATTENDED)}
    for column, answer in answers.items():
        if answer is None:
            heading, word = columns.by_field[column], _quoted(cells[column])
            reasons.append(_("%(column)s: “%(word)s” is not understood.", column=heading, word=word))
    asked = next((answer.value for answer in answers.values() if answer in {Answer.ONLINE, Answer.VENUE}), None)
    if asked is None or reasons:
        return next((site.id for site in known.sites if site.mode == "venue"), None), reasons
    site = next((site for site in known.sites if site.mode == asked), None)
    if site is None:
        none = {Answer.ONLINE: _("One cannot attend this event online."), Answer.VENUE: _("This event is online only.")}
        return None, [none[Answer(asked)]]
    return site.id, []


def _against(name: str, messages: Sequence[str], cells: Mapping[Field, str], columns: Columns) -> str:
    """Say what is wrong with a cell in words that its writer can follow: under which heading, and what stands there."""
    column = Field(name)
    if column not in columns.by_field:
        column = Field.NAME
    word = " " + _("“%(text)s”", text=_quoted(cells[column])) if cells[column] else ""
    return f"{columns.by_field.get(column, name)}{word}: {' '.join(messages)}"


def _quoted(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
