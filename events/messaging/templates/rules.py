"""What may stand in the words of a letter in place of what differs from one to the next; pure.

A field is a name of a fixed list in braces. Values are put in by name, once: nothing in them is looked at again, and
nothing but the names of the list stands for anything. So no words can run code or reach into an object.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

_FIELD = re.compile(r"\{\s*([^{}\n]{1,40}?)\s*\}")
_UNCLOSED = re.compile(r"\{\s*([a-z_]{2,40})(?![^{}\n]*\})")
_ALONE = re.compile(r"\s*\{\s*([^{}\n]{1,40}?)\s*\}\s*")


def fields(text: str) -> list[str]:
    """Return the words in braces in their order, each once."""
    return list(dict.fromkeys(_FIELD.findall(text)))


def unknown(text: str, known: Collection[str]) -> list[str]:
    """Return the words in braces that stand for nothing, in their order."""
    return [word for word in fields(text) if word not in known]


def unclosed(text: str) -> list[str]:
    """Return the words behind a brace that is not closed, in their order, each once."""
    return list(dict.fromkeys(_UNCLOSED.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in; what is no field stays as it is."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)


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
