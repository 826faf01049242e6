"""Putting values into Markdown: once it has been read, so that they are plain text wherever they stand.

A field goes through the parser as a word of letters and digits, which means nothing in any place that Markdown knows:
a heading, a code span, the address of a link. A value is never parsed, and nothing in it is looked at again.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from markdown_it.token import Token
from markupsafe import Markup
from msgspec import Struct

from events.core.markdown import parse, rendered
from events.core.readable import read_out
from events.messaging.templates.rules import fields, filled

_MARK = "sixnetfield"


class Filled(Struct, frozen=True):
    """Markdown with values in it, as HTML and as plain text."""

    html: Markup
    text: str


def filled_markdown(markdown: str, values: Mapping[str, str], links: Collection[str]) -> Filled:
    """Put values into Markdown; what `links` names are addresses, which can be followed wherever they stand.

    Lines end where their author ended them: a mail is written line by line.
    """
    return _filled(markdown, tuple((name, values[name], name in links) for name in fields(markdown) if name in values))


@lru_cache(128)  # most of what a letter says is said to many, one after the other
def _filled(markdown: str, values: Sequence[tuple[str, str, bool]]) -> Filled:
    mark = _MARK
    while mark in markdown:
        mark += "x"
    words = {name: f"{mark}{number}q" for number, (name, _value, _is_link) in enumerate(values)}
    tokens = parse(filled(markdown, words))
    _Filling({words[name]: (value, is_link) for name, value, is_link in values}, mark).fill(tokens)
    return Filled(rendered(tokens), read_out(tokens))


class _Filling:
    def __init__(self, values: Mapping[str, tuple[str, bool]], mark: str) -> None:
        self._values = values
        self._word = re.compile(rf"{mark}\d+q")
        self._piece = re.compile(rf"<?({mark}\d+q)>?")

    def fill(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type == "inline":
                token.children = [*self._inline(token.children or ())]
            else:
                token.content = self._plain(token.content)

    def _inline(self, tokens: Sequence[Token]) -> Iterator[Token]:
        within = 0
        for token in tokens:
            within += token.nesting if token.tag == "a" else 0
            if token.type == "link_open":
                token.attrs["href"] = self._address(str(token.attrs["href"]))
            if token.type == "text" and not within:
                yield from self._text(token.content)
                continue
            token.content = self._plain(token.content)
            yield Token("hardbreak", "br", 0) if token.type == "softbreak" else token

    def _text(self, content: str) -> Iterator[Token]:
        """Give a text in pieces, for an address in it is a link; angle brackets around that are not shown."""
        position = 0
        for found in self._piece.finditer(content):
            value, is_link = self._values[found[1]]
            if not is_link or not value:
                continue
            angled = found[0] == f"<{found[1]}>"
            begin, end = found.span(0 if angled else 1)
            yield _said(self._plain(content[position:begin]))
            yield Token("link_open", "a", 1, attrs={"href": value}, info="auto")
            yield _said(value)
            yield Token("link_close", "a", -1, info="auto")
            position = end
        yield _said(self._plain(content[position:]))

    def _plain(self, content: str) -> str:
        return self._word.sub(lambda found: self._values[found[0]][0], content)

    def _address(self, address: str) -> str:
        """Fill in an address: what is one itself as it is, all else as a part of one."""

        def safe(found: re.Match[str]) -> str:
            value, is_link = self._values[found[0]]
            return value if is_link else quote(value, safe="")

        return self._word.sub(safe, address)


def _said(content: str) -> Token:
    return Token("text", "", 0, content=content)
