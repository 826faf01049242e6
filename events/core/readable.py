"""Markdown as a plain text that reads well: for the text part of a mail."""

from collections.abc import Iterator, Sequence
from itertools import count

from markdown_it.token import Token

from events.core.markdown import parse


def readable(markdown: str) -> str:
    """Return what Markdown says, without its signs: paragraphs apart, lists with dashes, links with their address."""
    return read_out(parse(markdown))


def read_out(tokens: Sequence[Token]) -> str:
    """Return what Markdown that has been parsed says."""
    return "\n\n".join(_blocks(tokens))


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    """Give the outermost blocks one by one; what is within a list or quotation is indented."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _end(tokens, position)
        within = tokens[position + 1 : end]
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            numbers = count(int(token.attrs.get("start", 1))) if token.type.startswith("ordered") else None
            yield "\n".join(_items(within, numbers))
        elif token.type == "blockquote_open":
            yield "\n".join(f"  {line}".rstrip() for line in "\n\n".join(_blocks(within)).splitlines())
        elif token.type == "table_open":
            yield "\n".join(_rows(within))
        elif token.type == "hr":
            yield "--"
        elif token.type in {"fence", "code_block"}:
            yield token.content.strip("\n")
        else:
            yield "".join(_line(each.children or ()) for each in within if each.type == "inline")
        position = end + 1


def _items(tokens: Sequence[Token], numbers: Iterator[int] | None) -> Iterator[str]:
    position = 0
    while position < len(tokens):
        end = _end(tokens, position)
        mark = f"{next(numbers)}. " if numbers else "– "
        lines = "\n".join(_blocks(tokens[position + 1 : end])).splitlines() or [""]
        yield "\n".join([mark + lines[0], *(" " * len(mark) + line for line in lines[1:])])
        position = end + 1


def _rows(tokens: Sequence[Token]) -> Iterator[str]:
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(_line(token.children or ()))
        elif token.type == "tr_close":
            yield " | ".join(cells)
            cells = []


def _line(tokens: Sequence[Token]) -> str:
    text, links = "", []
    for token in tokens:
        if token.type == "link_open":
            links.append((str(token.attrs.get("href", "")), len(text)))
        elif token.type == "link_close":
            address, begin = links.pop()
            text += "" if text[begin:] == address or token.info == "auto" else f": {address}"
        elif token.type in {"softbreak", "hardbreak"}:
            text += "\n"
        elif token.type != "image":
            text += token.content
    return text


def _end(tokens: Sequence[Token], begin: int) -> int:
    """Return where what begins here is closed; where it begins for what has no end of its own."""
    depth = 0
    for position in range(begin, len(tokens)):
        depth += tokens[position].nesting
        if depth <= 0:
            return position
    return len(tokens) - 1
