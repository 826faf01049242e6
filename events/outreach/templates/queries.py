"""Reads of the words of letters: what counts, what was written before, and where the built-in words changed since."""

from collections.abc import Mapping
from datetime import datetime
from difflib import unified_diff

from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, in_language
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.outreach.templates.shapes import Scope


class Version(Struct, frozen=True, kw_only=True):
    """One version; `words` are None where it says: as without."""

    version: int
    words: Words | None
    basis: str
    made_by: str
    made_at: datetime


class State(Struct, frozen=True):
    """How a letter stands in one language: with words of its own or not, and whether those below changed since."""

    own: bool
    overtaken: bool


_VERSIONS = """
SELECT told.template, told.language, told.version, told.subject, told.body, told.is_default, told.basis, told.made_at,
    coalesce(staff.name, '') AS made_by
FROM message_template AS told LEFT JOIN staff ON staff.id = told.made_by
WHERE told.scope_kind = $1 AND told.scope_id = $2
    AND ($3 = '' OR told.template = $3) AND ($4 = '' OR told.language = $4)
ORDER BY told.template, told.language, told.version DESC
"""


async def versions(scope: Scope, template: Template, language: str) -> list[Version]:
    """Return all versions of a letter's words, the newest first."""
    rows = await database.fetch(_VERSIONS, scope.kind.value, scope.id, template.name, language)
    return [
        Version(
            version=row["version"],
            words=None if row["is_default"] else Words(row["subject"], row["body"]),
            basis=row["basis"],
            made_by=row["made_by"],
            made_at=row["made_at"],
        )
        for row in rows
    ]


async def without(scope: Scope, template: Template, language: str) -> Words:
    """Return the words that count when nothing is written in this scope: of the network, else the built-in ones."""
    with in_language(language):
        return await in_force(template, None) if scope.event else template.built_in


async def states(scope: Scope, templates: Mapping[str, Template]) -> dict[str, dict[str, State]]:
    """Return how each letter stands in each language."""
    rows = await database.fetch(_VERSIONS, scope.kind.value, scope.id, "", "")
    latest = {(row["template"], row["language"]): row for row in reversed(rows)}
    found: dict[str, dict[str, State]] = {}
    for name, template in templates.items():
        found[name] = {}
        for code in LANGUAGES:
            row = latest.get((name, code))
            if row is None or row["is_default"]:
                found[name][code] = State(own=False, overtaken=False)
            else:
                below = await without(scope, template, code)
                found[name][code] = State(own=True, overtaken=row["basis"] != below.digest)
    return found


def differences(before: Words, after: Words) -> list[tuple[str, str]]:
    """Return what leads from one to the other, as (sign, line): "-" gone, "+" new, " " as before."""
    old, new = ([words.subject, "", *words.body.splitlines()] for words in (before, after))
    lines = [*unified_diff(old, new, lineterm="", n=len(old) + len(new))]
    return [(line[0], line[1:]) for line in lines[_DIFF_HEAD:]]


_DIFF_HEAD = 3
"""Lines in which a difference tells of files and line numbers."""
