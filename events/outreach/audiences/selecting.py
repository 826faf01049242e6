"""The SQL of an audience: whom its groups mean, who of them may be written to, and each address once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from events.accounts.rules import Action, reach
from events.core.actor import Actor
from events.messaging.rules import gets_no_invitation
from events.outreach.audiences.grounds import AGREED, is_member, refuses
from events.outreach.audiences.rules import ATTENDED, NEVER, Audience, Group
from events.programme.rules import ZONE, to_local
from events.registration.invitations.queries import ANSWER, ANSWERED


class Reach(Struct, frozen=True):
    """Of which events, regions and theme groups someone may write to the people."""

    everywhere: bool
    regions: Sequence[str]
    events: Sequence[UUID]

    @property
    def anywhere(self) -> bool:
        """Whether there is anybody to whom they may write."""
        return self.everywhere or bool(self.regions or self.events)


def reach_of(actor: Actor, now: datetime) -> Reach:
    """Return how far someone may write to groups."""
    everywhere, regions, events = reach(actor, Action.WRITE_TO_GROUPS, now=now)
    return Reach(everywhere, sorted(regions), sorted(events))


class Selecting:
    """The statement of one audience and the values it binds; a value is bound once."""

    def __init__(self, audience: Audience, within: Reach, now: datetime) -> None:
        self.values: list[Any] = []
        self._within = within
        self._now = now
        self._today = self._bind(to_local(now, ZONE).date(), "date")
        self._about = self._bind(list(audience.about), "varchar[]")
        groups = (Group(),) if audience.everybody else audience.groups
        chosen = [self._of_group(group) for group in groups] or [f"{_PERSONS} false"]
        self.sql = _ONCE.format(
            chosen="\nUNION ALL\n".join(chosen),
            agreed=AGREED,
            member=is_member(self._about, self._today),
            refuses=refuses("chosen.email", self._about),
            left_out=self._left_out(audience),
        )
        """`WITH once AS (…)`: one row for each address, with its `standing`."""

    def bind(self, value: Any) -> str:
        """Bind one more value and return its place."""
        self.values.append(value)
        return f"${len(self.values)}"

    def _bind(self, value: Any, type_: str) -> str:
        return f"{self.bind(value)}::{type_}"

    def _seen(self, event: str) -> str:
        """Return whether an event lies within the reach."""
        if self._within.everywhere:
            return "true"
        regions, events = self._bind(self._within.regions, "varchar[]"), self._bind(self._within.events, "uuid[]")
        return f"({event}.host_region = ANY({regions}) OR {event}.id = ANY({events}))"

    def _group_seen(self) -> str:
        everywhere = self._within.everywhere
        return "true" if everywhere else f"theme_group.region = ANY({self._bind(self._within.regions, 'varchar[]')})"

    def _of_group(self, group: Group) -> str:
        parts = [*self._person(group), *self._event(group)]
        if group.group:
            parts.append(self._member(f"theme_group.id = {self._bind(group.group, 'uuid')}"))
        if group.invited:
            return self._invited(group, parts)
        if group.language:
            parts.append(f"person.language = ANY({self._bind(list(group.language), 'varchar[]')})")
        return " AND ".join([f"{_PERSONS} {self._known()}", *parts])

    def _known(self) -> str:
        """Return whether the person has to do with an event or theme group within the reach."""
        if self._within.everywhere:
            return "true"
        return f"""(EXISTS (SELECT FROM registration JOIN event ON event.id = registration.event
            WHERE registration.person = person.id AND {self._seen("event")}) OR {self._member("true")})"""

    def _member(self, which: str) -> str:
        return f"""EXISTS (SELECT FROM group_member JOIN theme_group ON theme_group.id = group_member.theme_group
            WHERE group_member.person = person.id AND {which} AND {self._group_seen()}
            AND starts_on <= {self._today} AND (ends_on IS NULL OR ends_on >= {self._today}))"""

    def _person(self, group: Group) -> list[str]:
        """Return the condition on an organisation of the person, or on where they said they come from."""
        parts = []
        if group.region:
            parts.append(f"municipality.region = ANY({self._bind(list(group.region), 'varchar[]')})")
        if group.type:
            parts.append(f"coalesce(organisation.type, 'unknown') = ANY({self._bind(list(group.type), 'varchar[]')})")
        if group.size:
            size = self._bind(list(group.size), "varchar[]")
            parts.append(f"coalesce(organisation.size_class, 'unknown') = ANY({size})")
        if not parts:
            return []
        return [_BONDS.format(seen=self._seen("event"), parts=" AND ".join(parts))]

    def _event(self, group: Group) -> list[str]:
        """Return the condition on an event that the person took part in."""
        parts = []
        if group.theme:
            themes = self._bind(list(group.theme), "varchar[]")
            parts.append(
                f"EXISTS (SELECT FROM event_theme AS at WHERE at.event = event.id AND at.theme = ANY({themes}))"
            )
        if group.kind:
            parts.append(f"event.kind = ANY({self._bind(list(group.kind), 'varchar[]')})")
        for name, day in (("since", group.since), ("until", group.until)):
            if day:
                sign = ">=" if name == "since" else "<="
                bound = self._bind(date.fromisoformat(day), "date")
                parts.append(f"(event.starts_at AT TIME ZONE event.zone)::date {sign} {bound}")
        if group.event:
            parts.append(f"event.id = {self._bind(group.event, 'uuid')}")
        if group.series:
            parts.append(f"event.series = {self._bind(group.series, 'uuid')}")
        if not parts and not group.part:
            return []
        took = "attendance.state = 'attended'" if group.part in {ATTENDED, NEVER} else _STANDS
        found = _TOOK_PART.format(took=took, seen=self._seen("event"), parts=" AND ".join(parts) or "true")
        if group.part == NEVER:
            return [f"NOT {found}"]
        if group.theme and len(parts) == 1 and not group.part:
            return [f"({found} OR {self._member(f'theme_group.theme = ANY({themes})')})"]
        return [found]

    def _invited(self, group: Group, parts: list[str]) -> str:
        if group.language:
            parts = [*parts, f"invitation.language = ANY({self._bind(list(group.language), 'varchar[]')})"]
        return _INVITED.format(
            event=self._bind(group.invited, "uuid"),
            now=self._bind(self._now, "timestamptz"),
            seen=self._seen("event"),
            parts=" AND ".join(["true", *parts]),
        )

    def _left_out(self, audience: Audience) -> str:
        parts = []
        if audience.but_event:
            event = self._bind(audience.but_event, "uuid")
            parts.append(_REGISTERED_FOR.format(event=event, seen=self._seen("event")))
        if audience.but_group:
            group = self._bind(audience.but_group, "uuid")
            parts.append(_MEMBERS.format(group=group, today=self._today, seen=self._group_seen()))
        return "".join(f" AND (chosen.email IS NULL OR chosen.email NOT IN ({each}))" for each in parts)


_STANDS = "registration.state NOT IN ('cancelled', 'declined')"

_PERSONS = """
SELECT person.id AS person, lower(person.email) AS email, person.language,
    left(trim(person.given_name || ' ' || person.family_name), 200) AS name, false AS invited, false AS refused
FROM person WHERE person.erased_at IS NULL AND person.merged_into IS NULL AND"""

_BONDS = """
EXISTS (SELECT FROM (
        SELECT person.organisation, NULL::varchar AS municipality
        UNION ALL SELECT registration.organisation, registration.municipality
        FROM registration JOIN event ON event.id = registration.event
        WHERE registration.person = person.id AND {seen}) AS bond
    LEFT JOIN organisation ON organisation.id = bond.organisation
    LEFT JOIN municipality ON municipality.code = coalesce(bond.municipality, organisation.municipality)
    WHERE {parts})
"""

_TOOK_PART = """
EXISTS (SELECT FROM registration JOIN event ON event.id = registration.event
    LEFT JOIN attendance ON attendance.registration = registration.id
    WHERE registration.person = person.id AND {took} AND {seen} AND {parts})
"""

_INVITED = f"""
SELECT person.id, lower(invitation.email), invitation.language, invitation.name, true,
    {gets_no_invitation("invitation.email", "invitation.event")}
FROM invitation JOIN event ON event.id = invitation.event
LEFT JOIN person ON person.id = invitation.person AND person.erased_at IS NULL {ANSWERED}
WHERE invitation.event = {{event}} AND invitation.email <> '' AND {ANSWER} IN ('sent', 'later')
    AND event.state = 'published' AND event.starts_at > {{now}} AND {{seen}} AND {{parts}}
"""

_REGISTERED_FOR = """
SELECT lower(person.email) FROM registration JOIN person ON person.id = registration.person
JOIN event ON event.id = registration.event AND {seen}
WHERE registration.event = {event} AND registration.state NOT IN ('cancelled', 'declined') AND person.email IS NOT NULL
"""

_MEMBERS = """
SELECT lower(person.email) FROM group_member JOIN person ON person.id = group_member.person
JOIN theme_group ON theme_group.id = group_member.theme_group AND {seen}
WHERE group_member.theme_group = {group} AND group_member.starts_on <= {today}
AND (group_member.ends_on IS NULL OR group_member.ends_on >= {today}) AND person.email IS NOT NULL
"""

_ONCE = """
WITH chosen (person, email, language, name, invited, refused) AS ({chosen}),
judged AS (
    SELECT chosen.*, CASE
        WHEN chosen.email IS NULL THEN 'no_address'
        WHEN EXISTS (SELECT FROM suppression WHERE suppression.address = chosen.email) THEN 'unsubscribed'
        WHEN EXISTS (SELECT FROM unreachable WHERE unreachable.address = chosen.email) THEN 'unreachable'
        WHEN chosen.refused OR {refuses} THEN 'refused'
        WHEN chosen.invited OR EXISTS (
            SELECT FROM person WHERE person.id = chosen.person AND ({agreed} OR {member})) THEN 'ok'
        ELSE 'no_consent' END AS standing
    FROM chosen WHERE true{left_out}
),
once AS (
    SELECT DISTINCT ON (coalesce(email, person::text)) * FROM judged
    ORDER BY coalesce(email, person::text), standing = 'ok' DESC, invited DESC, name, person
)
"""
