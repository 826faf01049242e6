"""What happened to a registration, in plain words: changes, messages and readings at the door, the latest first."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import gettext as _
from events.messaging.tables import MessageState, Reason
from events.messaging.words import REASONS, STATES
from events.registration.words import attendance_words, role_words, source_words, state_words


class Happening(Struct, frozen=True):
    """One thing that happened: when, by whom ("" when nobody did it), and what."""

    at: datetime
    by: str
    what: str


_CHANGES = """
SELECT audit.at, audit.actor_kind, audit.action, audit.detail,
    coalesce(nullif(staff.name, ''), staff.email, api_token.name, '') AS actor_name
FROM audit
LEFT JOIN staff ON audit.actor_kind = 'staff' AND staff.id = audit.actor_id
LEFT JOIN api_token ON audit.actor_kind = 'token' AND api_token.id = audit.actor_id
WHERE audit.subject_kind = 'registration' AND audit.subject_id = $1
"""
_MESSAGES = """
SELECT coalesce(finished_at, due_at) AS at, reason, state FROM message
WHERE subject_kind = 'registration' AND subject_id = $1
"""
_READINGS = "SELECT happened_at AS at, door, type, result, forced FROM scan WHERE registration = $1"
_ATTENDANCE = "SELECT changed_at AS at, state, actor_kind FROM attendance WHERE registration = $1 AND source = 'desk'"


async def history(registration_id: UUID, places: Mapping[UUID, str]) -> list[Happening]:
    """Return everything that happened to a registration; `places` names the event's sites."""
    names = {str(site): name for site, name in places.items()}
    found = [_change(row, names) for row in await database.fetch(_CHANGES, str(registration_id))]
    found += [Happening(row["at"], "", _message(row)) for row in await database.fetch(_MESSAGES, registration_id)]
    found += [
        Happening(row["at"], row["door"], _reading(row)) for row in await database.fetch(_READINGS, registration_id)
    ]
    found += [
        Happening(row["at"], "", _("Attendance marked by hand: %(state)s", state=attendance_words(row["state"])))
        for row in await database.fetch(_ATTENDANCE, registration_id)
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _change(row: asyncpg.Record, places: Mapping[str, str]) -> Happening:
    detail: dict[str, Any] = msgspec.json.decode(row["detail"])
    action = row["action"].removeprefix("registration.")
    say = _CHANGED.get(action)
    what = say(detail) if say else row["action"]
    if action == "moved" and detail.get("site") in places:
        what = _("Moved to: %(place)s", place=places[detail["site"]])
    if (before := detail.get("before")) and (after := detail.get("after", action)) and action != "role_set":
        what += f" ({_named(before)} → {_named(after)})" if before != after else ""
    return Happening(row["at"], row["actor_name"] or _party(row["actor_kind"]), what)


_CHANGED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "made": lambda detail: (
        _("Registered %(source)s", source=source_words(detail.get("source", "")))
        + (f": {_named(detail['state'])}" if detail.get("state") else "")
    ),
    "approved": lambda _detail: _("Approved"),
    "declined": lambda _detail: _("Declined"),
    "cancelled": lambda _detail: _("Cancelled"),
    "place_given": lambda _detail: _("Given a place out of turn"),
    "place_freed": lambda _detail: _("Got the place that became free"),
    "moved": lambda _detail: _("Moved to another place"),
    "role_set": lambda detail: _(
        "Role: %(before)s → %(after)s", before=role_words(detail["before"]), after=role_words(detail["after"])
    ),
    "details_changed": lambda detail: (
        _("Details changed, and the address: new ticket and link")
        if detail.get("address_changed")
        else _("Details changed")
    ),
    "consents_changed": lambda _detail: _("Consents changed"),
    "note_added": lambda _detail: _("Note added"),
    "note_removed": lambda _detail: _("Note removed"),
    "tagged": lambda _detail: _("Tag added"),
    "untagged": lambda _detail: _("Tag removed"),
    "sent_again": lambda _detail: _("Letter sent again"),
}
"""What an action of the trail is in words; an action that is not here stands as it is."""


def _named(state: str) -> str:
    try:
        return state_words(state)
    except ValueError:  # of an action that led to no state
        return state


def _party(kind: str) -> str:
    return {
        "participant": _("the person"),
        "system": _("the service"),
        "anonymous": _("the person"),
        "door": _("the door"),
    }.get(kind, kind)


def _message(row: asyncpg.Record) -> str:
    _tone, state = STATES[MessageState(row["state"])]
    return _("Mail “%(reason)s”: %(state)s", reason=REASONS[Reason(row["reason"])], state=state)


def _reading(row: asyncpg.Record) -> str:
    if row["result"] != "ok":
        return {
            "duplicate": _("Ticket read again at the door"),
            "conflict": _("Ticket read at a second door: conflict"),
            "rejected": _("Ticket refused at the door"),
        }[row["result"]]
    return {"entry": _("Came in"), "exit": _("Went out"), "undo": _("Entry taken back")}[row["type"]]
