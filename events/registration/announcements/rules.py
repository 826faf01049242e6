"""What may stand in an announcement in place of what differs from person to person; pure."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import UUID

from events.accounts.rules import Action, may, may_somewhere
from events.core.actor import Actor
from events.core.i18n import lazy_gettext as _l

PLACEHOLDERS: Mapping[str, object] = {
    "given_name": _l("the given name"),
    "name": _l("the whole name"),
    "event": _l("the title of the event"),
    "when": _l("when it is"),
    "place": _l("where the person takes part"),
    "link": _l("the person’s private link"),
}
"""The words in braces, each with what takes its place."""

_PLACEHOLDER = re.compile(r"\{\s*([^{}\n]{1,40}?)\s*\}")


def unknown(text: str, known: Collection[str] = PLACEHOLDERS) -> list[str]:
    """Return the words in braces that stand for nothing, in their order."""
    return list(dict.fromkeys(word for word in _PLACEHOLDER.findall(text) if word not in known))


def filled(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """Put values in; `escape` makes each safe where it goes. What is no placeholder stays as it is."""
    return _PLACEHOLDER.sub(lambda found: escape(values[found[1]]) if found[1] in values else found[0], text)


def with_breaks(markdown: str) -> str:
    """Return Markdown whose lines end where their author ended them: a mail is written line by line."""
    return _LINE_END.sub("  \n", markdown)


def may_see_letter(actor: Actor, author: UUID | None, now: datetime) -> bool:
    """Say whether someone sees and stops a letter to a group: its author, and who writes to the whole network."""
    mine = author is not None and author == actor.id and may_somewhere(actor, Action.WRITE_TO_GROUPS, now=now)
    return mine or may(actor, Action.WRITE_TO_GROUPS, now=now)


_LINE_END = re.compile(r"(?<=\S)\n(?=\S)")

_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~&])")


def plain(value: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SIGNS.sub(r"\\\1", value)
