"""What the tests of papers share: making one, and reading it again."""

import io
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pypdf import PdfReader

from events.checkin.papers.actions import KINDS
from events.core import database
from events.core.documents.shapes import Task
from events.core.text import fold
from tests.factories import NOW, insert, make_person, make_registration


async def make(kind: str, event: UUID, now: datetime = NOW, **parameters: Any) -> PdfReader:
    """Make a paper as a worker would."""
    told: list[int] = []

    async def tell(done: int, so_far: object = None) -> None:
        told.append(done)

    task = Task(
        id=uuid4(),
        kind=f"papers.{kind}",
        subject_id=event,
        parameters=parameters,
        language="fi",
        tries=1,
        staff=None,
        asked_at=now,
    )
    made = await KINDS[task.kind].make(task, tell, now)
    if kind == "badges":
        assert told[-1] <= len(parameters["registrations"])
    return PdfReader(io.BytesIO(made))


async def badges(event: UUID, *registrations: UUID, format: str = "a6", **look: Any) -> PdfReader:  # noqa: A002
    return await make("badges", event, registrations=[str(each) for each in registrations], format=format, **look)


def lines(pdf: PdfReader) -> list[str]:
    return [line.strip() for page in pdf.pages for line in page.extract_text().split("\n") if line.strip()]


def text(pdf: PdfReader) -> str:
    """All of it, as if each line were followed by a space: where lines end is the template's business."""
    return " ".join(lines(pdf))


async def guest(event: UUID, given: str, family: str = "", organisation: str = "", **columns: Any) -> UUID:
    """Register someone of an organisation."""
    firm = None
    if organisation:
        firm = await insert("organisation", name=organisation, folded=fold(organisation))
    person = await make_person(given, family, email=f"{uuid4().hex}@yritys.example")
    return await make_registration(event, person=person, organisation=firm, **columns)


async def arrive(registration: UUID) -> None:
    await database.execute(
        "INSERT INTO attendance (registration, state, source, first_entry_at, actor_kind)"
        " VALUES ($1, 'attended', 'scan', $2, 'system')",
        *(registration, NOW),
    )
