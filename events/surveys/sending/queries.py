"""Reads of how a survey is sent: when, to how many, and what has come of it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.errors import NotFound
from events.surveys.sending.rules import MEANT, Sending, sent_sql
from events.surveys.tables import Audience


class Plan(Struct, frozen=True, kw_only=True):
    """How a survey is sent: `people` are those it is for as it stands now; moments as in `rules.sent_sql`."""

    sending: Sending
    active: bool
    due_at: datetime
    begins_at: datetime | None
    closes_at: datetime | None
    remind_at: datetime | None
    asked: bool
    reminded: bool
    people: int

    def asks(self, now: datetime) -> bool:
        """Whether it waits for somebody's word, as its time had passed when it was made or changed."""
        return self.active and not self.asked and self.begins_at is None and self.due_at <= now


_ONE = f"""
SELECT rule.*, (SELECT count(*) FROM registration JOIN person ON person.id = registration.person
    WHERE registration.event = rule.event AND {MEANT}) AS people
FROM ({{sent}}) AS rule WHERE (CASE kind WHEN 'own' THEN survey::text ELSE kind END) = $2
"""


async def sending_of(event: UUID, which: str) -> Plan:
    """Return how a survey of an event is sent, by what addresses call it. Raises NotFound for none such."""
    row = await database.fetchrow(_ONE.format(sent=sent_sql("event.id = $1", empty=True)), event, which)
    if row is None:
        raise NotFound
    columns = {name: row[name] for name in Sending.__struct_fields__ if name not in {"sends", "audience"}}
    sending = Sending(sends=row["active"], audience=Audience(row["audience"]), **columns)
    names = [name for name in Plan.__struct_fields__ if name != "sending"]
    return Plan(sending=sending, **{name: row[name] for name in names})
