-- The rows of one registration in a single statement: person, place, registration, message, audit.
WITH person AS (
    INSERT INTO person (id, given_name, family_name, folded, email)
    SELECT id, 'Aino', id::text, 'aino ' || id, 'aino.' || id || '@yritys.example'
    FROM (SELECT gen_random_uuid() AS id) AS new
    RETURNING id
), place AS (
    UPDATE site SET line = line + 1,
        taken = taken + CASE WHEN waiting = 0 AND (capacity IS NULL OR taken < capacity) THEN 1 ELSE 0 END,
        waiting = waiting + CASE WHEN waiting = 0 AND (capacity IS NULL OR taken < capacity) THEN 0 ELSE 1 END
    WHERE id = :site
    RETURNING id, event, line, CASE WHEN waiting = 0 THEN 'confirmed' ELSE 'waitlisted' END AS state
), registration AS (
    INSERT INTO registration (id, event, person, site, municipality, state, number, ticket_hash, ticket_code, manage_hash)
    SELECT person.id, place.event, person.id, place.id, '837', place.state, place.line,
        sha256(person.id::text::bytea), right(person.id::text, 6), sha256(('m' || person.id)::bytea)
    FROM person, place
    ON CONFLICT (event, ticket_code) DO NOTHING
    RETURNING id
), message AS (
    INSERT INTO message (id, recipient, reason, subject_kind, subject_id, message_id)
    SELECT gen_random_uuid(), 'aino.' || id || '@yritys.example', 'confirmation', 'registration', id, id::text
    FROM registration
)
INSERT INTO audit (actor_kind, action, subject_kind, subject_id)
SELECT 'token', 'registration.created', 'registration', id::text FROM registration;
