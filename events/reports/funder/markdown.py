"""Markdown as data that a typst template sets: it reaches the template as values, never as markup."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from markdown_it.token import Token

from events.core.markdown import parse

_STYLES = {"strong": "strong", "em": "emphasis"}
_LISTS = {"bullet_list", "ordered_list"}

LONGEST_HREF = 8000
"""Signs of an address; for one longer link typst refuses the whole paper."""

Run = dict[str, Any]
Block = dict[str, Any]


def blocks(text: str) -> list[Block]:
    """Return the paragraphs, headings and items of lists of a text, each with its runs, and its tables.

    A table has `headings` and `rows` of cells, each a list of runs, and the numbers of the columns set to the right. A
    run has `text`, maybe `strong`, `emphasis` and `href` (web and mail addresses alone, none of any length); pictures
    are what they say.
    """
    return list(_blocks(parse(text)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    counters: list[int | None] = []
    kind, marker, following = "paragraph", "", iter(tokens)
    for token in following:
        name, _, edge = token.type.rpartition("_")
        if name in _LISTS and edge == "open":
            counters.append(int(token.attrGet("start") or 1) if name == "ordered_list" else None)
        elif name in _LISTS:
            counters.pop()
        elif name == "list_item" and edge == "open":
            marker = _marker(counters)
        elif name == "heading":
            kind = "heading" if edge == "open" else "paragraph"
        elif token.type == "table_open":
            yield _table(list(takewhile(lambda each: each.type != "table_close", following)))
        elif runs := _runs_of(token):
            yield {"kind": kind, "depth": len(counters), "marker": marker, "runs": runs}
            marker = ""


def _marker(counters: list[int | None]) -> str:
    number = counters[-1]
    if number is None:
        return "•"
    counters[-1] = number + 1
    return f"{number}."


def _table(tokens: Sequence[Token]) -> Block:
    """Return a table; its first row are the headings, whose alignment is that of their columns."""
    rows: list[list[list[Run]]] = []
    heads = [token for token in tokens if token.type == "th_open"]
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_runs(token.children or []))
    right = [number for number, head in enumerate(heads) if head.attrGet("style") == "text-align:right"]
    return {"kind": "table", "headings": rows[0], "rows": rows[1:], "right": right}


def _runs_of(token: Token) -> list[Run]:
    if token.type == "inline":
        return _runs(token.children or [])
    return [{"text": token.content.rstrip()}] if token.type in {"fence", "code_block"} else []


def _runs(tokens: Sequence[Token]) -> list[Run]:
    runs: list[Run] = []
    styles: dict[str, Any] = {}
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        style = "href" if name == "link" else _STYLES.get(name, "")
        if style and edge == "open":
            styles = {**styles, **_style(token, style)}
        elif style:
            styles = {key: value for key, value in styles.items() if key != style}
        elif token.type in {"softbreak", "hardbreak"}:
            runs.append({"text": " " if token.type == "softbreak" else "\n", **styles})
        elif token.content:
            runs.append({"text": token.content, **styles})
    return runs


def _style(token: Token, style: str) -> dict[str, Any]:
    if style != "href":
        return {style: True}
    href = str(token.attrGet("href") or "")
    leads = href.startswith(("https://", "http://", "mailto:")) and len(href) <= LONGEST_HREF
    return {"href": href} if leads else {}
