-- The rows of one reading in a single statement: the ticket is looked up by its hash, the scan written, attendance kept.
\set n random(1, :tickets)
WITH ticket AS (
    SELECT registration.id, registration.event, registration.ticket_hash
    FROM registration
    WHERE registration.ticket_hash = (
        SELECT ticket_hash FROM registration WHERE event = :event AND ticket_code = lpad(:n::text, 6, '0')
    )
), scan AS (
    INSERT INTO scan (id, nonce, event, registration, ticket_hash, door, device_at, result, actor_kind)
    SELECT gen_random_uuid(), gen_random_uuid(), event, id, ticket_hash, 'A', now(), 'ok', 'token' FROM ticket
)
INSERT INTO attendance (registration, state, source, first_entry_at, door, actor_kind)
SELECT id, 'attended', 'scan', now(), 'A', 'token' FROM ticket
ON CONFLICT (registration) DO UPDATE SET changed_at = now();
