"""What an event counts for and is about: its projects and themes."""

from collections.abc import Sequence
from uuid import UUID

from events.core import database
from events.core.errors import Invalid
from events.core.i18n import gettext as _


async def replace_projects(event_id: UUID, codes: Sequence[str]) -> bool:
    """Let an event count for these projects alone; returns whether that changed anything, Invalid for unknown ones."""
    rows = await database.fetch("SELECT id FROM project WHERE code = ANY($1)", list(codes))
    if len(rows) < len(set(codes)):
        raise Invalid({"projects": [_("There is no such project.")]})
    wanted = [row["id"] for row in rows]
    removed = await database.execute(
        "DELETE FROM event_project WHERE event = $1 AND project <> ALL($2)", event_id, wanted
    )
    added = await database.execute(
        "INSERT INTO event_project (id, event, project) SELECT gen_random_uuid(), $1, unnest($2::uuid[])"
        " ON CONFLICT (event, project) DO NOTHING",
        event_id,
        wanted,
    )
    return bool(removed or added)


async def replace_themes(event_id: UUID, codes: Sequence[str]) -> bool:
    """Let an event be about exactly these themes; returns whether that changed anything, Invalid for unknown ones."""
    known = await database.fetch("SELECT code FROM theme WHERE code = ANY($1)", list(codes))
    if len(known) < len(set(codes)):
        raise Invalid({"themes": [_("There is no such theme.")]})
    removed = await database.execute(
        "DELETE FROM event_theme WHERE event = $1 AND theme <> ALL($2)", event_id, list(codes)
    )
    added = await database.execute(
        "INSERT INTO event_theme (id, event, theme) SELECT gen_random_uuid(), $1, unnest($2::text[])"
        " ON CONFLICT (event, theme) DO NOTHING",
        event_id,
        list(dict.fromkeys(codes)),
    )
    return bool(removed or added)
