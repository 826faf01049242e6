"""The page of a document: how far it is, and then the file. Another's is not there."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from events.core import clock, files
from events.core.actor import ANONYMOUS, Actor
from events.core.documents import queries
from events.core.documents.queries import DocumentView
from events.core.documents.shapes import Shown
from events.core.documents.tables import DocumentState
from events.core.errors import NotFound
from events.core.web import AnyRequest, attachment, page

PATH = "/staff/documents/{document_id:uuid}"


@get(PATH, include_in_schema=False)
async def document_page(request: AnyRequest, document_id: FromPath[UUID]) -> Template:
    """Tell how far it is; the page looks again by itself until the file is there, or what the work came to."""
    document, shown = await _own(request, document_id)
    if shown is None or document.state is not DocumentState.READY:
        is_work, kept = shown is not None, shown is None or not shown.all_or_nothing
        return page(request, "core/document.html", document=document, is_work=is_work, kept=kept)
    context = await shown.context(document.subject_id, await files.content(document.stored))
    return page(request, shown.template, document=document, **context)


@get(f"{PATH}/progress", include_in_schema=False)
async def progress(request: AnyRequest, document_id: FromPath[UUID]) -> Response[dict[str, Any]]:
    """The same for the page's script."""
    document, _shown = await _own(request, document_id)
    said = {"state": document.state.value, "done": document.done, "total": document.total}
    return Response(said)


@get(f"{PATH}/file", include_in_schema=False)
async def document_file(request: AnyRequest, document_id: FromPath[UUID]) -> Stream:
    """The file itself, to be saved."""
    document, shown = await _own(request, document_id)
    if document.state is not DocumentState.READY or shown is not None:
        raise NotFound
    return await attachment(document.stored, document.filename, document.media_type)


async def _own(request: AnyRequest, document_id: UUID) -> tuple[DocumentView, Shown | None]:
    """Return a document of who asks, and how it is shown where it is no file.

    Raises NotFound for another's, and once they may not see what it is about.
    """
    actor: Actor = request.scope.get("user") or ANONYMOUS
    now = clock.now()
    document = await queries.own(document_id, actor.id, now)
    kind = request.app.state.documents.get(document.kind) if document else None
    if document is None or kind is None or not await kind.allowed(actor, document.subject_id, now):
        raise NotFound
    return document, kind.shown


ROUTES: list[ControllerRouterHandler] = [document_page, progress, document_file]
