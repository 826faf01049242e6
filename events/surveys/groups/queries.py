"""The answers of a survey, told apart by site, language or region."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from msgspec import Struct

from events.checkin.queries import site_name
from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import gettext as _
from events.core.replica import snapshot
from events.network.queries import regions
from events.surveys.asked import CELL, Values
from events.surveys.groups.rules import By


class Group(Struct, frozen=True):
    """The shown answers of a site (`code` its id), a language or a region."""

    code: str
    name: str
    answers: tuple[Values, ...]


class Apart(Struct, frozen=True):
    """The shown answers of a survey by group, in the groups' order; `rest` carries no label."""

    by: By
    groups: tuple[Group, ...]
    rest: tuple[Values, ...]
    named: bool = False


_ANONYMOUS = "SELECT pool, cells, named FROM survey WHERE id = $1"

_NAMED = """
SELECT values, registration.site::text AS site, registration.language, coalesce(municipality.region, '') AS region
FROM named_answer JOIN registration ON registration.id = named_answer.registration
LEFT JOIN municipality ON municipality.code = registration.municipality WHERE named_answer.survey = $1
"""


async def told_apart(event: UUID, survey: UUID | None, by: By) -> Apart:
    """Return the answers of a survey by what they are told apart by, as results count them; nothing is hidden yet."""
    async with snapshot() as connection:
        row: Any = await connection.fetchrow(_ANONYMOUS, survey)
        sealed = await connection.fetch("SELECT values FROM answer WHERE survey = $1", survey)
        named = await connection.fetch(_NAMED, survey)
        sites = await connection.fetch("SELECT id, name, mode FROM site WHERE event = $1 ORDER BY position, id", event)
    cells = json.loads(row["cells"]) if row else []
    pairs = [(each[by.value], json.loads(each["values"])) for each in named]
    for values in [*(json.loads(row["pool"]) if row else []), *(json.loads(each["values"]) for each in sealed)]:
        label = cells[int(values[CELL])].get(by.value, "") if CELL in values else ""
        pairs.append((label, values))
    found = defaultdict(list)
    for label, values in pairs:
        found[label].append(values)
    if by is By.SITE:
        names = {str(site["id"]): site_name(site["name"], site["mode"]) or _("Venue") for site in sites}
    elif by is By.LANGUAGE:
        names = dict(LANGUAGE_NAMES)
    else:
        names = {region.code: region.name for region in await regions()}
    groups = [Group(code, name, tuple(found[code])) for code, name in names.items() if code in found]
    rest = tuple(each for code, values in found.items() if code not in names for each in values)
    return Apart(by, tuple(groups), rest, named=bool(row and row["named"]))
