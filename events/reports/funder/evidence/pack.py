"""The evidence of a payment claim in one ZIP: a worker writes it to disk event by event.

It names people, so it is about the project: an erasure of someone who came to its events takes it away.
"""

import asyncio
import csv
import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import IO
from uuid import UUID

import msgspec
from msgspec import Struct, to_builtins

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import files
from events.core.actor import Actor
from events.core.database import transaction
from events.core.documents.actions import ask
from events.core.documents.shapes import Kind, Task, Tell, Wanted
from events.core.errors import NotFound, require
from events.core.i18n import format_date, language
from events.core.i18n import gettext as _
from events.core.text import harmless_cell, slugify
from events.core.web import render
from events.programme import queries as programme
from events.programme.materials.queries import materials
from events.programme.queries import EventView
from events.reports.funder import queries as reports
from events.reports.funder.evidence import queries, sheets
from events.reports.funder.evidence.names import LONGEST, Names, safe_name
from events.reports.funder.evidence.queries import EvidenceEvent
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import EventRow

HASHES = "hashes.csv"
"""Under the same name in every language: programs look for it."""


class PackWanted(Struct, frozen=True):
    """The report whose evidence is wanted."""

    report: UUID


class Filed(Struct, frozen=True):
    """A file of the pack: its path, what it is, its size in bytes and the SHA-256 of its content."""

    path: str
    title: str
    size: int
    sha256: str


class Folder(Struct, frozen=True):
    """An event of the pack with its files; `links` lead to materials elsewhere, `lost` are files that are not there."""

    title: str
    held_on: str
    files: list[Filed]
    links: list[tuple[str, str]]
    lost: list[str]


async def order(head: ReportHead, *, actor: Actor, now: datetime) -> UUID:
    """Have the evidence of a report gathered; returns the document. Raises NotAllowed."""
    require(allowed=may(actor, Action.SEE_PERSONS_IN_REPORTS, now=now))
    found = await queries.events(head.project, head.starts_on, head.ends_on)
    wanted = Wanted(
        kind="funder.evidence",
        subject_kind="project",
        subject_id=head.project,
        title=f"{_('Evidence')}: {head.name}",
        filename=safe_name(f"{head.project_code}-{head.starts_on}-{head.ends_on}.zip"),
        back=f"/staff/reports/funder/{head.id}",
        parameters=to_builtins(PackWanted(head.id)),
        total=len(found),
    )
    async with transaction():
        await audit.record(actor, "report.evidence_asked", "funder_report", head.id, now, events=len(found))
        return await ask(wanted, actor=actor, now=now)


async def make(task: Task, tell: Tell, now: datetime) -> IO[bytes]:
    """Gather the evidence; raises NotFound when the report is gone, DrawingFailed."""
    head = await reports.report(msgspec.convert(task.parameters, PackWanted).report)
    if head is None:
        raise NotFound
    pack = files.scratch()
    try:
        with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
            writer = _Writer(archive, now)
            for number, event in enumerate(await queries.events(head.project, head.starts_on, head.ends_on), start=1):
                await writer.add_event(event, head)
                await tell(number)
            await writer.finish(head)
    except BaseException:
        pack.close()
        raise
    pack.seek(0)
    return pack


def _plain(words: str) -> str:
    """Return words as a name that every system unpacks: a–z, digits and hyphens."""
    return slugify(words)[:LONGEST].rstrip("-")


class _Writer:
    """Writes the pack and remembers what is in it."""

    def __init__(self, archive: zipfile.ZipFile, now: datetime) -> None:
        self.archive, self.now = archive, now
        self.names, self.folders = Names(), list[Folder]()

    async def add_event(self, found: EvidenceEvent, head: ReportHead) -> None:
        event = await programme.by_id(found.id)
        if event is None:
            return
        # An address may end in the date itself; a title does not, and days written so stand in their order.
        place = self.names.free(f"{found.held_on}-{_plain(event.title) or found.slug}")
        folder = Folder(event.title, format_date(found.held_on), [], [], [])
        row = EventRow(
            slug=event.slug,
            title=event.title,
            title_language=event.title_language,
            kind=event.kind,
            held_on=found.held_on,
            participations=None,
            minutes=None,
        )
        papers = (
            (_("Invitation"), await sheets.invitation(event, self.now)),
            (_("Programme"), await sheets.agenda(event, self.now)),
            (_("Attendance list"), await sheets.attendance(event, head, self.now)),
            (_("Feedback"), await sheets.feedback(event, row, self.now)),
        )
        for title, content in papers:
            if content is not None:
                folder.files.append(self._write(f"{place}/{_plain(title)}.pdf", title, content))
        await self._add_materials(event, place, folder)
        self.folders.append(folder)

    async def _add_materials(self, event: EventView, place: str, folder: Folder) -> None:
        for material in await materials(event.id):
            if material.url:
                folder.links.append((material.title[0], material.url))
                continue
            path = self.names.free(f"{place}/{_plain(_('Materials'))}/{safe_name(material.filename, 'material')}")
            try:
                folder.files.append(await self._copy(path, material.title[0], material.stored))
            except FileNotFoundError:
                folder.lost.append(material.title[0])

    def _write(self, path: str, title: str, content: bytes) -> Filed:
        self.archive.writestr(self._entry(path), content)
        return Filed(path, title, len(content), hashlib.sha256(content).hexdigest())

    async def _copy(self, path: str, title: str, stored: str) -> Filed:
        """Copy a kept file piece by piece; it is never in memory as a whole."""
        seen, size = hashlib.sha256(), 0
        pieces = await files.read(stored)
        with self.archive.open(self._entry(path), "w") as target:
            async for piece in pieces:
                seen.update(piece)
                size += len(piece)
                await asyncio.to_thread(target.write, piece)
        return Filed(path, title, size, seen.hexdigest())

    def _entry(self, path: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(path, self.now.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        return entry

    async def finish(self, head: ReportHead) -> None:
        """Add the table of contents, and the digests of the files for whoever checks them by program."""
        page = render(
            "reports/funder/contents.html", head=head, folders=self.folders, made_at=self.now, language=language()
        )
        title = _("Contents")
        contents = self._write(f"{_plain(title)}.html", title, page.encode())
        buffer = io.StringIO(newline="")
        lines = csv.writer(buffer)
        lines.writerow(("path", "size", "sha256"))
        for filed in [contents, *(one for folder in self.folders for one in folder.files)]:
            lines.writerow((harmless_cell(filed.path), filed.size, filed.sha256))
        self.archive.writestr(self._entry(HASHES), buffer.getvalue())


async def may_see(actor: Actor, _project: UUID, now: datetime) -> bool:
    """Say whether the actor may see persons in the reports of the whole network."""
    return may(actor, Action.SEE_PERSONS_IN_REPORTS, now=now)


KINDS: Mapping[str, Kind] = {"funder.evidence": Kind(make, may_see, media_type="application/zip")}
