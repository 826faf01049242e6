"""What may stand in an announcement in place of what differs from person to person; pure."""

from collections.abc import Mapping

from events.core.i18n import lazy_gettext as _l
from events.messaging.templates import rules
from events.messaging.templates.rules import filled, plain, with_breaks

__all__ = ["PLACEHOLDERS", "filled", "plain", "unknown", "with_breaks"]

PLACEHOLDERS: Mapping[str, object] = {
    "given_name": _l("the given name"),
    "name": _l("the whole name"),
    "event": _l("the title of the event"),
    "when": _l("when it is"),
    "place": _l("where the person takes part"),
    "link": _l("the person’s private link"),
}
"""The words in braces, each with what takes its place."""


def unknown(text: str) -> list[str]:
    """Return the words in braces that stand for nothing, in their order."""
    return rules.unknown(text, PLACEHOLDERS)
