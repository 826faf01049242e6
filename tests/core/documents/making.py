"""What the tests of documents share: a kind that makes one, and a member of staff who asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.documents.shapes import Kind, Task, Tell, Wanted

SUBJECT = UUID("00000000-0000-4000-8000-0000000000aa")


def wanted(kind: str = "list", **columns: Any) -> Wanted:
    given: dict[str, Any] = {
        "kind": kind,
        "subject_kind": "event",
        "subject_id": SUBJECT,
        "title": "The list",
        "filename": "list.pdf",
        "back": "/staff/",
        "parameters": {"letters": "abc"},
        "total": 3,
    }
    return Wanted(**{**given, **columns})


def staff(identity: UUID | None = None) -> Actor:
    return Actor(ActorKind.STAFF, identity or uuid4(), "Test")


async def spell(task: Task, tell: Tell, now: datetime) -> bytes:
    for done in range(len(task.parameters["letters"])):
        await tell(done + 1)
    return str(task.parameters["letters"]).encode()


async def everyone(actor: Actor, subject: UUID, now: datetime) -> bool:
    return True


def kinds(make: Any = spell, allowed: Any = everyone) -> Mapping[str, Kind]:
    return {"list": Kind(make, allowed)}


async def row(document: UUID) -> dict[str, Any]:
    found = await database.fetchrow("SELECT * FROM document WHERE id = $1", document)
    return dict(found) if found else {}
