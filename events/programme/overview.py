"""What waits in the programme, for the start page of staff."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from events.accounts.rules import Action, may, reach
from events.core import database
from events.core.actor import Actor
from events.core.cards import Card, CardMaker
from events.core.i18n import format_span, ngettext, pick
from events.core.i18n import gettext as _
from events.programme.steps.registered import counts, registered_words

AHEAD = timedelta(days=60)
MOST = 6
"""Cards; more would hide what comes next."""

_COMING = """
SELECT event.id, event.slug, event.state, event.title_fi, event.title_sv, event.title_en,
       event.starts_at, event.ends_at, event.zone, event.host_region
FROM event
WHERE ($1 OR event.host_region = ANY($2) OR event.id = ANY($3))
  AND event.state <> 'cancelled' AND event.ends_at > $4 AND event.starts_at < $5
ORDER BY event.starts_at, event.id LIMIT $6
"""

_UNRECONCILED = """
SELECT count(*)::int, min(slug) FROM event
WHERE ($1 OR host_region = ANY($2) OR id = ANY($3))
  AND state = 'published' AND ends_at <= $4 AND reconciled_at IS NULL
"""


async def coming(actor: Actor, now: datetime) -> list[Card]:
    """The actor's next events, drafts included."""
    everywhere, regions, events = reach(actor, Action.CHECK_IN, now=now)
    rows = await database.fetch(_COMING, everywhere, list(regions), list(events), now, now + AHEAD, MOST)
    counted, cards = await counts([row["id"] for row in rows]), []
    for row in rows:
        sets_up = may(actor, Action.EDIT_EVENTS, now=now, event_id=row["id"], region=row["host_region"])
        lines = [
            format_span(row["starts_at"], row["ends_at"], row["zone"]),
            registered_words(counted[row["id"]]),
        ]
        if row["state"] == "draft":
            lines.append(_("Not published yet"))
        title, _code = pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en")})
        cards.append(Card(title, f"/staff/events/{row['slug']}" if sets_up else "/door/", tuple(lines)))
    return cards


async def unreconciled(actor: Actor, now: datetime) -> list[Card]:
    """How many held events of the actor still lack their attendance; reports count none of them."""
    everywhere, regions, events = reach(actor, Action.RECONCILE, now=now)
    row = await database.fetchrow(_UNRECONCILED, everywhere, list(regions), list(events), now)
    if not row or not row["count"]:
        return []
    title = ngettext("%(n)s event waits for its attendance", "%(n)s events wait for their attendance", row["count"])
    url = f"/staff/events/{row['min']}/attendance" if row["count"] == 1 else "/staff/events"
    return [Card(title, url, (_("Reports count an event when its attendance is closed."),), urgent=True)]


CARDS: Sequence[CardMaker] = (unreconciled, coming)
