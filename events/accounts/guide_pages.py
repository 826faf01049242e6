"""The guide for organisers with its pictures, which the tests take (`docs/guide`)."""

import re
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires
from events.accounts.rules import Action
from events.core.errors import NotFound
from events.core.i18n import DEFAULT_LANGUAGE, language
from events.core.markdown import render_own
from events.core.paths import folder
from events.core.web import AnyRequest, page

PATH = "/staff/guide"
LANGUAGES = ("fi", "en")
GUARDS = [Requires(Action.SEE_STAFF_PAGES)]

_PICTURE = re.compile("[a-z-]{1,60}[.]png")


@get(PATH, guards=GUARDS, include_in_schema=False)
async def guide_page(request: AnyRequest) -> Template:
    """How an event is made, published, held and closed; in Finnish where it is not written in the reader's language."""
    written = language() if language() in LANGUAGES else DEFAULT_LANGUAGE
    return page(request, "accounts/guide.html", guide=_guide(written), written=written)


@get(f"{PATH}/{{written:str}}/{{name:str}}", guards=GUARDS, include_in_schema=False)
async def guide_picture(written: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A picture of the guide; raises NotFound when it has none of that name."""
    if written not in LANGUAGES or not _PICTURE.fullmatch(name):
        raise NotFound
    content = _content(folder("docs") / "pictures" / "guide" / written / name)
    return Response(content, media_type="image/png", headers={"cache-control": "private, max-age=3600"})


def _guide(written: str) -> str:
    text = (folder("docs") / "guide" / f"organiser.{written}.md").read_text(encoding="utf-8")
    return render_own(text, lambda picture: f"{PATH}/{written}/{Path(picture).name}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error


ROUTES: list[ControllerRouterHandler] = [guide_page, guide_picture]
