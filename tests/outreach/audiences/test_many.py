"""Ten thousand people: owed in one statement, in bounded time."""

import time
from datetime import timedelta

from events.core import clock, database
from events.core.actor import SYSTEM
from events.letters import COMPOSERS
from events.messaging import delivery
from events.outreach.audiences import actions, queries
from events.outreach.audiences.rules import Audience, Group
from events.outreach.audiences.selecting import Reach, reach_of
from tests.factories import NOW, make_event
from tests.outreach.audiences.people import about, write

PEOPLE = 10_000
SECONDS = 10
"""Ten times what it takes on a machine that does nothing else."""

_PEOPLE = f"""
WITH company AS (
    INSERT INTO organisation (id, name, folded, type, municipality)
    SELECT gen_random_uuid(), 'Yritys ' || n, 'yritys ' || n, 'company', '837' FROM generate_series(1, 500) AS n
    RETURNING id
), numbered AS (SELECT id, row_number() OVER () AS n FROM company),
one AS (
    INSERT INTO person (id, given_name, family_name, folded, email, organisation)
    SELECT gen_random_uuid(), 'Nimi', n::text, 'nimi ' || n, 'p' || n || '@yritys.example',
        (SELECT id FROM numbered WHERE numbered.n = 1 + whole.n % 500) FROM generate_series(1, {PEOPLE}) AS whole (n)
    RETURNING id
), registered AS (
    INSERT INTO registration (id, event, person, site, state, number, municipality, ticket_hash, ticket_code,
        manage_hash, notice_version)
    SELECT gen_random_uuid(), event, one.id, site, 'confirmed', row_number() OVER (), '837',
        sha256(one.id::text::bytea), left(md5(event || one.id::text), 6), sha256((event || one.id::text)::bytea), 1
    FROM one CROSS JOIN (SELECT $1::uuid AS event, $2::uuid AS site) AS chosen
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO consent (id, registration, kind, text, language, given, given_at)
SELECT gen_random_uuid(), id, 'news', 'x', 'fi', true, $3 FROM registered
"""


async def test_ten_thousand_are_counted_and_owed_in_bounded_time(committed_db: str) -> None:
    event = await about(await make_event(capacity=None), "steel")
    site = await database.fetchval("SELECT id FROM site WHERE event = $1", event)
    await database.execute(_PEOPLE, event, site, NOW)
    await database.execute("ANALYZE")
    agreed: int = await database.fetchval("SELECT count(*) FROM consent")
    assert agreed > PEOPLE * 0.9, "a few short codes are the same"
    audience = Audience(
        groups=(Group(theme=("steel",), region=("06",)), Group(event=event), Group(type=("company",))), about=("steel",)
    )
    begun = time.monotonic()
    for within in (reach_of(SYSTEM, NOW), Reach(everywhere=False, regions=["06"], events=[])):
        assert (await queries.count(audience, within, NOW)).people == agreed
    counted = time.monotonic() - begun
    await write(audience, send_at=NOW + timedelta(hours=1))
    begun = time.monotonic()
    assert await actions.send_due(NOW + timedelta(hours=1)) == agreed
    owed = time.monotonic() - begun
    begun, now = time.monotonic(), NOW + timedelta(hours=1)
    with clock.at(now):
        written = await delivery.deliver_due(COMPOSERS, now=now)
    each = (time.monotonic() - begun) / written
    print(f"counted twice in {counted:.2f} s, owed in {owed:.2f} s, each written in {each * 1000:.1f} ms")  # noqa: T201 - shown with -s
    assert counted < 2 * SECONDS
    assert owed < SECONDS
    assert each < 0.5
