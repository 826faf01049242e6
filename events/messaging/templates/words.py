"""What is wrong with words in braces, in the user's language."""

from collections.abc import Collection

from events.core.i18n import gettext as _
from events.core.i18n import ngettext
from events.messaging.templates import rules


def amiss(text: str, known: Collection[str]) -> list[str]:
    """Say what does not hold of a text that may have the `known` words in braces: each kind of mistake once."""
    said = [_("The brace before “%(word)s” is not closed.", word=word) for word in rules.unclosed(text)]
    if strange := rules.unknown(text, known):
        said.append(
            ngettext(
                "%(words)s stands for nothing. There are: %(known)s.",
                "%(words)s stand for nothing. There are: %(known)s.",
                len(strange),
                words=_listed(strange),
                known=_listed(known),
            )
        )
    return said


def _listed(words: Collection[str]) -> str:
    return ", ".join(f"{{{word}}}" for word in words)
