"""Markdown that people write, as safe HTML: no raw HTML, no remote images."""

import html

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {"p", "a", "em", "strong", "ul", "ol", "li", "h3", "h4", "h5", "blockquote", "code", "pre", "br", "hr"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}


def render_markdown(text: str) -> Markup:
    """Render Markdown; headings begin below the page's own, images and unknown tags are dropped."""
    page = _parser.render(text)
    for level in (3, 2, 1):
        page = page.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return Markup(  # noqa: S704 - nh3 has cleaned it
        nh3.clean(page, tags=_TAGS | _TABLE_TAGS, attributes={"a": {"href"}}, link_rel="nofollow noopener")
    )


def plain_text(text: str) -> str:
    """Return what Markdown says without its signs, for places that know no mark-up: calendars, search engines."""
    bare = nh3.clean(_parser.render(text), tags=set(), clean_content_tags={"script", "style"})
    return html.unescape(bare).strip()
