"""What letters show of the network: the emblems of projects."""

from collections.abc import Sequence

from events.messaging.letter import Picture
from events.network.queries import ProjectView, emblem


async def emblems(projects: Sequence[ProjectView]) -> dict[str, Picture]:
    """Return the emblems that projects have, by their code, as pictures of one letter."""
    pictures = {}
    for number, project in enumerate(projects):
        found = await emblem(project.code) if project.emblem_hash else None
        if found:
            pictures[project.code] = Picture(f"emblem{number}", *found, alt=project.emblem_alt)
    return pictures
