"""The tags of a survey's free texts."""

from collections import defaultdict
from uuid import UUID

from events.core import database
from events.surveys.tagging.rules import Tags


async def tags_of(survey: UUID | None) -> Tags:
    """Return the tags of a survey's texts."""
    rows = await database.fetch(
        "SELECT question, text_hash, tag FROM survey_tag WHERE survey = $1 ORDER BY lower(tag), tag", survey
    )
    found: dict[tuple[str, bytes], list[str]] = defaultdict(list)
    for row in rows:
        found[row["question"], row["text_hash"]].append(row["tag"])
    return {key: tuple(tags) for key, tags in found.items()}


async def known_tags(survey: UUID | None) -> list[str]:
    """Return the words that have been given to texts of a survey."""
    rows = await database.fetch("SELECT DISTINCT tag FROM survey_tag WHERE survey = $1", survey)
    return sorted((row["tag"] for row in rows), key=str.casefold)
