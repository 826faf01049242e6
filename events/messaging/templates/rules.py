"""What may stand in the words of a letter in place of what differs from one to the next; pure.

A field is a name of a fixed list in braces. Values are put in by name, once: nothing in them is looked at again, and
nothing but the names of the list stands for anything. So no words can run code or reach into an object.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

_FIELD = re.compile(r"\{\s*([^{}\n]{1,40}?)\s*\}")
_FIELD_BESIDE = re.compile(r"(?P<before>[<\[]?)\{\s*(?P<name>[^{}\n]{1,40}?)\s*\}(?P<after>>?)")
_UNCLOSED = re.compile(r"\{\s*([a-z_]{2,40})(?![^{}\n]*\})")
_ALONE = re.compile(r"\s*\{\s*([^{}\n]{1,40}?)\s*\}\s*")
_LINE_END = re.compile(r"(?<=\S)\n(?=\S)")
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~&])")


def fields(text: str) -> list[str]:
    """Return the words in braces in their order, each once."""
    return list(dict.fromkeys(_FIELD.findall(text)))


def unknown(text: str, known: Collection[str]) -> list[str]:
    """Return the words in braces that stand for nothing, in their order; behind a brace that is not closed, too."""
    closed = [word for word in fields(text) if word not in known]
    return list(dict.fromkeys([*closed, *_UNCLOSED.findall(text)]))


def filled(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """Put values in; `escape` makes each safe where it goes. What is no field stays as it is."""
    return _FIELD.sub(lambda found: escape(values[found[1]]) if found[1] in values else found[0], text)


def plain(value: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SIGNS.sub(r"\\\1", value)


def filled_markdown(text: str, values: Mapping[str, str], links: Collection[str]) -> str:
    """Put values into Markdown: texts show as they are, and what `links` names can be followed wherever it stands.

    In angle brackets an address is a link and needs no escapes; within the words of a link there can be no other one.
    """

    def safe(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in values:
            return found[0]
        if name in links and found["before"] != "[":
            before = "" if found["before"] == "<" and found["after"] else found["before"]
            return f"{before}<{values[name]}>{'' if found['before'] == '<' else found['after']}"
        return f"{found['before']}{plain(values[name])}{found['after']}"

    return _FIELD_BESIDE.sub(safe, text)


def with_breaks(markdown: str) -> str:
    """Return Markdown whose lines end where their author ended them: a mail is written line by line."""
    return _LINE_END.sub("  \n", markdown)


def pieces(body: str, blocks: Collection[str]) -> Iterator[tuple[str, str]]:
    """Split words into (Markdown, block): each block stands alone on its line; "" for what there is none of."""
    lines: list[str] = []
    for line in body.splitlines():
        alone = _ALONE.fullmatch(line)
        if alone and alone[1] in blocks:
            yield "\n".join(lines), alone[1]
            lines = []
        else:
            lines.append(line)
    yield "\n".join(lines), ""


def misplaced(body: str, blocks: Collection[str]) -> list[str]:
    """Return the blocks that stand within a line or more than once: each stands alone on a line of its own, once."""
    rest: list[str] = []
    alone: list[str] = []
    for markdown, block in pieces(body, blocks):
        rest += [word for word in fields(markdown) if word in blocks]
        alone += [block] if block else []
    return list(dict.fromkeys([*rest, *(block for block in alone if alone.count(block) > 1)]))


def missing(body: str, required: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return the groups of fields of which one must stand there and none does."""
    there = set(fields(body))
    return [group for group in required if there.isdisjoint(group)]
