"""Markdown as data that a typst template sets: it reaches the template as values, never as markup."""

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False})

_STYLES = {"strong": "strong", "em": "emphasis"}
_LISTS = {"bullet_list", "ordered_list"}

Run = dict[str, Any]
Block = dict[str, Any]


def blocks(text: str) -> list[Block]:
    """Return the paragraphs, headings and items of lists of a text, each with its runs.

    A run has `text`, maybe `strong`, `emphasis` and `href` (web and mail addresses alone); pictures are what they say.
    """
    return list(_blocks(_parser.parse(text)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    counters: list[int | None] = []
    kind, marker = "paragraph", ""
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        if name in _LISTS and edge == "open":
            counters.append(int(token.attrGet("start") or 1) if name == "ordered_list" else None)
        elif name in _LISTS:
            counters.pop()
        elif name == "list_item" and edge == "open":
            marker = _marker(counters)
        elif name == "heading":
            kind = "heading" if edge == "open" else "paragraph"
        elif runs := _runs_of(token):
            yield {"kind": kind, "depth": len(counters), "marker": marker, "runs": runs}
            marker = ""


def _marker(counters: list[int | None]) -> str:
    number = counters[-1]
    if number is None:
        return "•"
    counters[-1] = number + 1
    return f"{number}."


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
    return {"href": href} if href.startswith(("https://", "http://", "mailto:")) else {}
