"""A table that a browser sends: chosen, looked at, and sent again to be written.

Between the two steps the file waits in the page itself, not on the server: nothing of what people sent (diets among it)
lies about on a disk to be cleaned away, any web process can take the second step, and nothing is trusted, because the
confirmed bytes are read and checked from the beginning like those of a first upload.
"""

import base64
import binascii
from typing import Any

from litestar.datastructures import UploadFile
from msgspec import Struct

from events.core.errors import BadRequest
from events.core.forms import FormData
from events.core.i18n import gettext as _
from events.core.tabular import Unreadable
from events.core.text import clean_line

MAX_FILE = 2 * 1024 * 1024
"""Bytes of a file that comes by browser; the command takes larger ones."""

MAX_REQUEST = 3 * 1024 * 1024
"""Bytes of a request that carries such a file as text: a third more."""


class Upload(Struct, frozen=True):
    """A file as it came, and whether its owner has seen what it will do."""

    content: bytes
    name: str
    confirmed: bool

    @property
    def text(self) -> str:
        """The content as a form carries it to the next step."""
        return base64.b64encode(self.content).decode()


async def read_upload(sent: FormData) -> Upload:
    """Return the file chosen in `file`, or the one that a preview carried in `content`.

    Raises BadRequest for a preview's form that was tampered with, Unreadable when there is no file or it is too large.
    """
    upload = (await read_uploads(sent))[0]
    if not upload.content:
        raise Unreadable(_("Choose a file."))
    return upload


async def read_uploads(sent: FormData) -> list[Upload]:
    """Return the files chosen in `file`, or those that a preview carried in `content`; raises as `read_upload`.

    A file that is empty is among them: which of them it is, is for whoever reads it to say.
    """
    carried = sent.getlist("content")
    if carried:
        names = [*sent.getlist("name"), *[""] * len(carried)]
        uploads = [
            Upload(_decoded(content), _name(name), confirmed=True)
            for content, name in zip(carried, names, strict=False)
        ]
    else:
        chosen: list[Any] = list(sent.getlist("file"))  # a form's values are text but for files
        files = [file for file in chosen if isinstance(file, UploadFile)]
        uploads = [Upload(await file.read(), _name(file.filename), confirmed=False) for file in files]
    uploads = [upload for upload in uploads if upload.content or upload.name]
    if not uploads:
        raise Unreadable(_("Choose a file."))
    if any(len(upload.content) > MAX_FILE for upload in uploads):
        raise Unreadable(_("The file is larger than 2 MB."))
    return uploads


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadRequest from error


def _name(text: Any) -> str:
    return clean_line(text)[:200] if isinstance(text, str) else ""
