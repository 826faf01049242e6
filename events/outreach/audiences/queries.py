"""Reads: how many a letter would reach, who is left out and why, and by what right one address gets one."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database, secrets
from events.core.i18n import LANGUAGES, pick
from events.core.text import called
from events.messaging.rules import ERASED, gets_no_invitation
from events.outreach.audiences.grounds import AGREED, is_member, refuses
from events.outreach.audiences.rules import Audience, parse
from events.outreach.audiences.selecting import Reach, Selecting
from events.programme.rules import ZONE, to_local
from events.registration.invitations.queries import ANSWER, ANSWERED

SAMPLE = 5
LISTED = 300
"""Events and series that a form offers, the latest first."""

LEFT_OUT = ("no_consent", "unsubscribed", "refused", "unreachable", "no_address")
"""Why somebody who is meant gets no letter, in the order in which it is told."""


class Count(Struct, frozen=True):
    """To whom a letter would go: addresses by language, some names, and how many are left out by reason."""

    languages: Mapping[str, int]
    sample: Sequence[str]
    left_out: Mapping[str, int]

    @property
    def people(self) -> int:
        """How many letters that would be."""
        return sum(self.languages.values())


_COUNT = f"""
SELECT standing, language, count(*)::int AS n,
    (array_agg(name ORDER BY name = '', md5(email)) FILTER (WHERE standing = 'ok' AND name <> ''))[1:{SAMPLE}] AS names
FROM once GROUP BY standing, language ORDER BY standing, language
"""


async def count(audience: Audience, within: Reach, now: datetime) -> Count:
    """Say to whom a letter to an audience would go now, of those within a reach."""
    selecting = Selecting(audience, within, now)
    rows = await database.fetch(f"{selecting.sql} {_COUNT}", *selecting.values)
    going = {row["language"]: row for row in rows if row["standing"] == "ok"}
    left_out = {why: sum(row["n"] for row in rows if row["standing"] == why) for why in LEFT_OUT}
    return Count(
        {code: going[code]["n"] for code in LANGUAGES if code in going},
        [name for code in LANGUAGES if code in going for name in going[code]["names"] or []][:SAMPLE],
        {why: n for why, n in left_out.items() if n},
    )


class Ground(Struct, frozen=True):
    """By what right a letter goes to an address now; `invitation` was not answered, `given_name` is whom it greets."""

    agreed: bool
    member: bool
    invitation: UUID | None
    given_name: str = ""

    @property
    def holds(self) -> bool:
        """Whether there is any."""
        return self.agreed or self.member or self.invitation is not None


_GROUND = f"""
SELECT coalesce(theirs.agreed, false) AS agreed, coalesce(theirs.member, false) AS member, invited.id AS invitation,
    theirs.given_name, message.recipient_name,
    {refuses("message.recipient", "$2::varchar[]")} AS refused,
    EXISTS (SELECT FROM suppression WHERE suppression.address = message.recipient) AS suppressed
FROM message
LEFT JOIN LATERAL (
    SELECT {AGREED} AS agreed, {is_member("$2::varchar[]", "$5::date")} AS member, person.given_name
    FROM person AS named JOIN person ON person.id = coalesce(named.merged_into, named.id)
    WHERE named.id = message.person_id AND person.erased_at IS NULL) AS theirs ON true
LEFT JOIN LATERAL (
    SELECT invitation.id FROM invitation JOIN event ON event.id = invitation.event {ANSWERED}
    WHERE invitation.event = ANY($3) AND invitation.email = message.recipient AND {ANSWER} IN ('sent', 'later')
        AND event.state = 'published' AND event.starts_at > $4
        AND NOT {gets_no_invitation("invitation.email", "invitation.event")}
    LIMIT 1) AS invited ON true
WHERE message.id = $1
"""


async def ground(message: UUID, audience: Audience, now: datetime) -> Ground | None:
    """Return by what right a letter goes out now; None when its recipient is not to get it any more."""
    events = [group.invited for group in audience.groups if group.invited]
    today = to_local(now, ZONE).date()
    row = await database.fetchrow(_GROUND, message, list(audience.about), events, now, today)
    if row is None or row["suppressed"]:
        return None
    hears = not row["refused"]
    given = row["given_name"] or called(row["recipient_name"])
    held = Ground(row["agreed"] and hears, row["member"] and hears, row["invitation"], given)
    return held if held.holds else None


class Leaving(Struct, frozen=True):
    """Behind the unsubscribe link of a letter: the address it went to, in which language, and what it was about."""

    address: str
    language: str
    about: Sequence[str]


async def leaving(message: UUID, token: str) -> Leaving | None:
    """Return to whom a letter went, for whoever holds its unsubscribe link."""
    if not hmac.compare_digest(token.encode(), secrets.derive("unsubscribe", message).encode()):
        return None
    row = await database.fetchrow(
        "SELECT recipient, message.language, chosen"
        " FROM message JOIN announcement ON announcement.id = message.subject_id"
        " WHERE message.id = $1 AND subject_kind = 'announcement' AND reason = 'news' AND recipient <> $2",
        *(message, ERASED),
    )
    return Leaving(row["recipient"], row["language"], parse(row["chosen"]).about) if row else None


class Choice(Struct, frozen=True):
    """An event or series that a form offers."""

    id: UUID
    titles: dict[str, str]
    starts_at: datetime
    zone: str

    @property
    def title(self) -> str:
        """The title in the present language, or in another."""
        return pick(self.titles)[0]


_EVENTS = f"""
SELECT event.id, title_fi, title_sv, title_en, starts_at, zone FROM event
WHERE state <> 'draft' AND ($1 OR host_region = ANY($2) OR event.id = ANY($3))
ORDER BY starts_at DESC, event.id LIMIT {LISTED}
"""

_SERIES = f"""
SELECT DISTINCT ON (max(starts_at) OVER w, series) series AS id, title_fi, title_sv, title_en, starts_at, zone
FROM event WHERE series IS NOT NULL AND state <> 'draft' AND ($1 OR host_region = ANY($2) OR event.id = ANY($3))
WINDOW w AS (PARTITION BY series) ORDER BY max(starts_at) OVER w DESC, series, starts_at LIMIT {LISTED}
"""


async def events(within: Reach) -> list[Choice]:
    """Return the events of a reach, the latest first."""
    return [_choice(row) for row in await database.fetch(_EVENTS, *_args(within))]


async def series(within: Reach) -> list[Choice]:
    """Return the series of a reach, each as its first event, the latest first."""
    return [_choice(row) for row in await database.fetch(_SERIES, *_args(within))]


def _args(within: Reach) -> tuple[bool, list[str], list[UUID]]:
    return within.everywhere, list(within.regions), list(within.events)


def _choice(row: Mapping[str, object]) -> Choice:
    titles = {code: str(row[f"title_{code}"]) for code in LANGUAGES if row[f"title_{code}"]}
    return Choice(row["id"], titles, row["starts_at"], row["zone"])  # type: ignore[arg-type]
