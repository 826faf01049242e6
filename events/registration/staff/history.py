"""What happened to a registration, in plain words: changes, messages and readings at the door, the latest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.accounts.trail_words import action_words, actor_words
from events.core import database
from events.core.i18n import gettext as _
from events.messaging.tables import MessageState, Reason
from events.messaging.words import REASONS, STATES
from events.registration.tables import RegistrationRole, State
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
_ATTENDANCE = """
SELECT marked_at AS at, after AS state, actor_kind, coalesce(nullif(staff.name, ''), staff.email, '') AS actor_name
FROM attendance_mark LEFT JOIN staff ON actor_kind = 'staff' AND staff.id = actor_id WHERE registration = $1
"""


async def history(registration_id: UUID, places: Mapping[UUID, str]) -> list[Happening]:
    """Return everything that happened to a registration; `places` names the event's sites."""
    names = {str(site): name for site, name in places.items()}
    found = [_change(row, names) for row in await database.fetch(_CHANGES, str(registration_id))]
    found += [Happening(row["at"], "", _message(row)) for row in await database.fetch(_MESSAGES, registration_id)]
    found += [
        Happening(row["at"], row["door"], _reading(row)) for row in await database.fetch(_READINGS, registration_id)
    ]
    found += [
        Happening(
            row["at"],
            row["actor_name"] or actor_words(row["actor_kind"]),
            _("Attendance marked by hand: %(state)s", state=attendance_words(row["state"])),
        )
        for row in await database.fetch(_ATTENDANCE, registration_id)
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _change(row: asyncpg.Record, places: Mapping[str, str]) -> Happening:
    detail: dict[str, Any] = msgspec.json.decode(row["detail"])
    by = row["actor_name"] or actor_words(row["actor_kind"])
    return Happening(row["at"], by, f"{action_words(row['action'])}{_particulars(row['action'], detail, places)}")


def _particulars(action: str, detail: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """Return what the trail holds beside an action: the place, from which state or role to which."""
    name = action.removeprefix("registration.")
    parts = [places[detail["site"]]] if name == "moved" and detail.get("site") in places else []
    if name == "made":
        parts = [source_words(detail.get("source", "")), _named(detail.get("state", ""))]
    if name == "details_changed":
        parts = [_field(field) for field in detail.get("fields", ())]
        parts += [_("a new address, so a new ticket and link")] if detail.get("address_changed") else []
    before, after = _named(detail.get("before", "")), _named(detail.get("after", name))
    if before and after and before != after:
        parts.append(f"{before} → {after}")
    told = ", ".join(part for part in parts if part)
    return f": {told}" if told else ""


def _field(name: str) -> str:
    """Name a field that a person may mend; "" for what stands in the particulars anyway."""
    return {
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "organisation": _("Organisation"),
        "municipality": _("Municipality"),
        "country": _("Country"),
        "language": _("Language"),
    }.get(name, "")


def _named(code: object) -> str:
    """Name a state or a role; "" for what is neither."""
    if code in set(State):
        return state_words(str(code))
    return role_words(str(code)) if code in set(RegistrationRole) else ""


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
