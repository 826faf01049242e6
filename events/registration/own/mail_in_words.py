"""What stands against writing to one's address, and what came back from it, in words; it belongs to `in_words`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events.core.i18n import format_moment, pick
from events.core.i18n import gettext as _
from events.messaging.rules import UNSUBSCRIBED


def mail_lines(held: Mapping[str, Any]) -> list[str]:
    """Return a line for each list that the address is on, and for each mail that came back."""
    lost, stopped = held["not_reached"], held["not_written_to"]
    said = []
    if lost:
        words = _("Mail does not reach the address, since %(when)s", when=_when(lost["since"]))
        said.append(_joined(words, lost["status"], lost["words"]))
    if stopped:
        by_themselves = stopped["reason"] == UNSUBSCRIBED
        why = _("You get no letters and invitations") if by_themselves else _("Nothing is sent to the address")
        said.append(_joined(why, _since(stopped), "" if by_themselves else stopped["reason"]))
    for each in held["refused_themes"]:
        theme = pick(each["title"])[0] or each["theme"]
        said.append(_joined(_("You get nothing on the theme %(theme)s", theme=theme), _since(each)))
    said.extend(_joined(_("A mail came back"), _when(each["at"]), each["status"]) for each in held["came_back"])
    return said


def _since(held: Mapping[str, Any]) -> str:
    return _("since %(when)s", when=_when(held["since"]))


def _when(text: str) -> str:
    return format_moment(datetime.fromisoformat(text))


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))
