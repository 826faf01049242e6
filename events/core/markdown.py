"""Markdown that people write, as safe HTML: no raw HTML, no remote images."""

import html
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {"p", "a", "em", "strong", "ul", "ol", "li", "h3", "h4", "h5", "blockquote", "code", "pre", "br", "hr"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}


def render_markdown(text: str) -> Markup:
    """Render Markdown; headings begin below the page's own, images and unknown tags are dropped."""
    return rendered(parse(text))


def rendered(tokens: Sequence[Token]) -> Markup:
    """Render Markdown that has been parsed, as `render_markdown` does."""
    page = _parser.renderer.render(tokens, _parser.options, {})
    for level in (3, 2, 1):
        page = page.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return Markup(  # noqa: S704 - nh3 has cleaned it
        nh3.clean(page, tags=_TAGS | _TABLE_TAGS, attributes={"a": {"href"}}, link_rel="nofollow noopener")
    )


def parse(text: str) -> list[Token]:
    """Return Markdown as the parser reads it."""
    return _parser.parse(text)


def render_own(text: str, picture: Callable[[str], str]) -> Markup:
    """Render a document that comes with the service, whole.

    Headings can be linked to by the names that code hosts give them. `picture` says where a picture is fetched, given
    its path in the document.
    """
    tokens = _parser.parse(text)
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(inside.content))
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.attrSet("src", picture(str(child.attrs["src"])))
    return Markup(_parser.renderer.render(tokens, _parser.options, {}))  # noqa: S704 - written by us, without HTML


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def plain_text(text: str) -> str:
    """Return what Markdown says without its signs, for places that know no mark-up: calendars, search engines."""
    bare = nh3.clean(_parser.render(text), tags=set(), clean_content_tags={"script", "style"})
    return html.unescape(bare).strip()
