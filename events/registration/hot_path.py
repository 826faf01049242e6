"""The one statement of a registration: person, organisation, place, ledger and audit in a single round trip.

How it stays right while hundreds arrive at once: the UPDATE of the site's row puts them in order, and what it returns
is decided on the row as it is at that moment. Whatever the statement's snapshot could not see makes it fail as a
whole, so that nothing is half done, and its caller tries again:

- no place and no waiting list: `taken` would become negative (CHECK site_never_oversold);
- the same person was registered or revived meanwhile, or the site was closed: the audit row would have no subject
  (NOT NULL);
- the short code is taken in the event: UNIQUE registration_event_code.

Who comes again agrees to what is ticked now: what was agreed to before is withdrawn, and stays on record.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening
from events.network.matching import MATCH_ORGANISATION
from events.registration.deadlines import address_until


class Parameters(NamedTuple):
    """What the statement takes, in its order; names are those of the placeholders."""

    event: UUID | str
    now: datetime
    any_time: bool
    beyond: bool
    admitted: bool
    unanswered: bool
    id: UUID
    site: UUID | None
    given_name: str
    family_name: str
    folded: str
    email: str | None
    person_id: UUID
    organisation: str
    organisation_key: str
    organisation_id: UUID
    business_id: str | None
    domain: str
    learn_domain: list[str]
    sole_trader: bool
    organisation_type: str | None
    size: str | None
    municipality: str | None
    country: str
    role: str
    language: str
    notice_version: int
    source: str
    ticket_hash: bytes
    ticket_code: str
    ticket_generation: int
    manage_hash: bytes
    consent_kinds: list[str]
    consent_texts: list[str]
    send: bool
    vouched: bool
    message: UUID
    message_id: str
    actor_kind: str
    actor_id: UUID | None
    scope: str
    key: str | None
    body_hash: bytes


_TEMPLATE = """
WITH hook AS MATERIALIZED (SELECT {wanting} AS wanted),
asked AS (
    SELECT event.id, event.needs_approval AND NOT {beyond}::boolean AS needs_approval,
        CASE WHEN {beyond} THEN 'by_hand' ELSE event.waiting_list END AS waiting_list, chosen.id AS site,
        CASE WHEN NOT {vouched}::boolean AND event.address_hours IS NOT NULL THEN {address_until} END AS deadline,
        CASE WHEN event.state = 'cancelled' THEN 'cancelled'
             WHEN {any_time}::boolean THEN NULL
             WHEN {now}::timestamptz < event.registration_opens_at THEN 'not_yet'
             WHEN {now}::timestamptz >= coalesce(event.registration_closes_at, event.starts_at) THEN 'closed'
             WHEN NOT {admitted}::boolean AND (event.access <> 'open' OR event.per_organisation IS NOT NULL)
                 THEN 'guarded'
             WHEN {unanswered}::boolean AND EXISTS (SELECT FROM question WHERE question.event = event.id) THEN 'asks'
        END AS closed
    FROM event LEFT JOIN LATERAL (
        SELECT id FROM site WHERE site.event = event.id AND ({site}::uuid IS NULL OR site.id = {site}::uuid)
            AND (site.closed_at IS NULL OR {beyond})
        ORDER BY position, id LIMIT 1) AS chosen ON true
    WHERE {this_event} AND event.state <> 'draft'
),
seen AS (
    SELECT coalesce(merged_into, id) AS id FROM person WHERE email = {email}::varchar AND folded = {folded}::varchar
),
known AS (
    SELECT registration.id, registration.state, registration.ticket_generation
    FROM registration WHERE event = (SELECT id FROM asked) AND person = (SELECT id FROM seen)
),
kept AS (SELECT subject_id, body_hash FROM idempotency_key WHERE scope = {scope}::varchar AND key = {key}::varchar),
free AS (
    SELECT * FROM asked WHERE closed IS NULL AND site IS NOT NULL AND NOT EXISTS (SELECT FROM kept)
    AND NOT EXISTS (SELECT FROM known WHERE id <> {id}::uuid OR state NOT IN ('cancelled', 'declined')
                    OR ticket_generation <> {ticket_generation}::int - 1)
    AND {right_form}
),
claimed AS (
    INSERT INTO idempotency_key (id, scope, key, body_hash, subject_id, status, created_at)
    SELECT gen_random_uuid(), {scope}, {key}, {body_hash}::bytea, {id}, 201, {now} FROM free WHERE {key} IS NOT NULL
    ON CONFLICT (scope, key) DO NOTHING RETURNING 1
),
clear AS (SELECT * FROM free WHERE {key} IS NULL OR EXISTS (SELECT FROM claimed)),
matched AS (
    SELECT coalesce(merged_into, id) AS id FROM organisation WHERE id = {match_organisation}
),
named AS (
    INSERT INTO organisation_alias (id, organisation, name, folded)
    SELECT gen_random_uuid(), {organisation_id}::uuid, {organisation}::varchar, {organisation_key}
    FROM clear WHERE {organisation_key} <> '' AND NOT EXISTS (SELECT FROM matched)
    ON CONFLICT (folded) DO UPDATE SET folded = excluded.folded RETURNING organisation AS id
),
founded AS (
    INSERT INTO organisation (id, name, folded, business_id, type, size_class, municipality, country, domains,
        sole_trader, created_at)
    SELECT id, {organisation}, {organisation_key}, {business_id}, coalesce({organisation_type}::varchar, 'unknown'),
        coalesce({size}::varchar, 'unknown'), {municipality}::varchar, {country}::varchar, {learn_domain}::varchar[],
        {sole_trader}::boolean, {now}
    FROM named WHERE id = {organisation_id}
),
described AS (
    UPDATE organisation SET business_id = coalesce(organisation.business_id, numbered.business_id),
        size_class = CASE WHEN size_class = 'unknown' THEN coalesce({size}, 'unknown') ELSE size_class END,
        type = CASE WHEN type = 'unknown' THEN coalesce({organisation_type}, 'unknown') ELSE type END
    FROM clear, matched, (SELECT CASE WHEN {business_id} IS NOT NULL AND NOT EXISTS (
        SELECT FROM organisation WHERE business_id = {business_id}) THEN {business_id}::varchar END AS business_id
    ) AS numbered
    WHERE organisation.id = matched.id
        AND ((organisation.business_id IS NULL AND numbered.business_id IS NOT NULL)
            OR ({size} IS NOT NULL AND (type = 'unknown' OR (type = 'company' AND size_class = 'unknown'))))
),
belongs AS (SELECT id FROM matched UNION ALL SELECT id FROM named),
met AS (
    INSERT INTO person (id, given_name, family_name, folded, email, language, organisation, created_at)
    SELECT {person_id}::uuid, {given_name}::varchar, {family_name}::varchar, {folded}, {email}, {language}::varchar,
        (SELECT id FROM belongs), {now}
    FROM clear
    ON CONFLICT (email, folded) DO UPDATE SET language = excluded.language,
        organisation = coalesce(excluded.organisation, person.organisation)
    RETURNING id
),
placed AS (
    UPDATE site SET line = line + 1,
        taken = taken + CASE
            WHEN clear.needs_approval OR (site.waiting > 0 AND clear.waiting_list <> 'none') THEN 0
            WHEN site.waiting = 0 AND (site.capacity IS NULL OR site.taken < site.capacity) THEN 1
            WHEN clear.waiting_list = 'none' THEN -1 - site.taken
            ELSE 0 END,
        waiting = waiting + CASE
            WHEN clear.needs_approval OR clear.waiting_list = 'none' THEN 0
            WHEN site.waiting = 0 AND (site.capacity IS NULL OR site.taken < site.capacity) THEN 0
            ELSE 1 END
    FROM clear, met WHERE site.id = clear.site
    RETURNING site.id, site.line, site.waiting, site.closed_at, clear.id AS event, clear.deadline,
        CASE WHEN clear.needs_approval THEN 'awaiting_approval' WHEN site.waiting > 0 THEN 'waitlisted'
             WHEN clear.deadline IS NOT NULL THEN 'awaiting_address' ELSE 'confirmed' END AS state,
        coalesce((SELECT id FROM seen), met.id) AS person
),
made AS (
    INSERT INTO registration (id, event, person, site, organisation, municipality, country, role, state, number,
        deadline, address_confirmed, language, notice_version, source, ticket_hash, ticket_code, ticket_generation,
        manage_hash, registered_at, changed_at)
    SELECT {id}, event, person, id, (SELECT id FROM belongs), {municipality}, {country}, {role}::varchar, state, line,
        CASE state WHEN 'awaiting_address' THEN deadline END, {vouched}, {language}, {notice_version}::smallint,
        {source}::varchar, {ticket_hash}::bytea, {ticket_code}::varchar, {ticket_generation}, {manage_hash}::bytea,
        {now}, {now}
    FROM placed WHERE closed_at IS NULL OR {beyond}
    ON CONFLICT (event, person) DO UPDATE SET site = excluded.site, organisation = excluded.organisation,
        municipality = excluded.municipality, country = excluded.country, role = excluded.role, state = excluded.state,
        number = excluded.number, deadline = excluded.deadline, address_confirmed = excluded.address_confirmed,
        language = excluded.language, notice_version = excluded.notice_version,
        source = excluded.source, registered_by = NULL, registered_by_name = '', cancel_reason = '',
        welcome_words = '',
        transferred_to = NULL, ticket_hash = excluded.ticket_hash, ticket_code = excluded.ticket_code,
        ticket_generation = excluded.ticket_generation,
        revision = registration.revision + 1, registered_at = excluded.registered_at, changed_at = excluded.changed_at
    WHERE registration.id = excluded.id AND registration.state IN ('cancelled', 'declined')
        AND registration.ticket_generation = excluded.ticket_generation - 1
    RETURNING id, event, person, state, number, manage_generation
),
withdrawn AS (
    UPDATE consent SET withdrawn_at = {now} FROM made
    WHERE {ticket_generation}::int > 0 AND consent.registration = made.id AND withdrawn_at IS NULL
),
agreed AS (
    INSERT INTO consent (id, registration, kind, text, language, given, given_at)
    SELECT gen_random_uuid(), made.id, given.kind, given.text, {language}, true, {now}
    FROM made, unnest({consent_kinds}::varchar[], {consent_texts}::text[]) AS given (kind, text)
),
owed AS (
    INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
        language, due_at, message_id, created_at)
    SELECT {message}::uuid, {email}, trim({given_name} || ' ' || {family_name}), person,
        CASE state WHEN 'confirmed' THEN 'confirmation' WHEN 'awaiting_address' THEN 'confirm_address'
                   ELSE 'waiting' END,
        'registration', id,
        {ticket_generation}::text, {language}, {now}, {message_id}::varchar, {now}
    FROM made WHERE {send}::boolean
),
noted AS (
    INSERT INTO audit (at, actor_kind, actor_id, action, subject_kind, subject_id, detail)
    SELECT {now}, {actor_kind}::varchar, {actor_id}::uuid, 'registration.made', 'registration',
        (SELECT id::text FROM made), jsonb_build_object('event', event, 'state', state, 'source', {source})
    FROM placed
){telling}
SELECT asked.id AS event, asked.closed, asked.site, known.id AS known_id, known.state AS known_state,
    known.ticket_generation AS known_generation, kept.subject_id AS kept_id, kept.body_hash AS kept_hash,
    made.id, made.state, made.number, made.manage_generation, placed.waiting, (SELECT wanted FROM hook) AS wanted
FROM asked LEFT JOIN known ON true LEFT JOIN kept ON true LEFT JOIN placed ON true LEFT JOIN made ON true
"""

_PLACES = {name: f"${number}" for number, name in enumerate(Parameters._fields, start=1)}
_ADDRESS_UNTIL = address_until("event", f"{_PLACES['now']}::timestamptz")
_MATCH = MATCH_ORGANISATION.format(
    business_id=f"{_PLACES['business_id']}::varchar",
    organisation_key=f"{_PLACES['organisation_key']}::varchar",
    domain=_PLACES["domain"],
)

_OWE_WEBHOOKS = webhooks.owing(
    Happening.REGISTRATION_CREATED,
    "made",
    event="made.event",
    data="jsonb_build_object('registration', made.id, 'state', made.state)",
    at=f"{_PLACES['now']}::timestamptz",
)

_WANTING = webhooks.wanting(Happening.REGISTRATION_CREATED)

_FILLED = {**_PLACES, "match_organisation": _MATCH, "address_until": _ADDRESS_UNTIL, "wanting": _WANTING}


def _forms(this_event: str) -> webhooks.Forms:
    return webhooks.Forms(
        _TEMPLATE.format(**_FILLED, this_event=this_event, right_form="NOT (SELECT wanted FROM hook)", telling=""),
        _TEMPLATE.format(**_FILLED, this_event=this_event, right_form="true", telling=f",\ntold AS ({_OWE_WEBHOOKS})"),
    )


BY_ID = _forms(f"event.id = {_PLACES['event']}::uuid")
BY_SLUG = _forms(f"event.slug = {_PLACES['event']}::varchar")
