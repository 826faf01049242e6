"""What is asked of the database for who wants to know what is held about them."""

from events.core.marks import marked

SAME = "(SELECT id FROM person WHERE id = $1 OR merged_into = $1)"
"""The person and those who were found to be the same one."""

_REGISTRATIONS = f"""
SELECT coalesce(json_agg(json_build_object('id', registration.id, 'event', event.slug,
    'title', json_build_object('fi', title_fi, 'sv', title_sv, 'en', title_en), 'starts_at', event.starts_at,
    'site', site.name, 'mode', site.mode, 'state', registration.state, 'role', registration.role,
    'organisation', (SELECT name FROM organisation WHERE id = registration.organisation),
    'municipality', registration.municipality, 'country', registration.country,
    'language', registration.language,
    'registered_at', registration.registered_at, 'join_pressed_at', registration.join_pressed_at,
    'notice_version', registration.notice_version,
    'source', registration.source, 'reason_for_cancelling', registration.cancel_reason,
    'registered_by', coalesce(nullif(registered_by_name, ''), (SELECT trim(by.given_name || ' ' || by.family_name)
        FROM person AS by JOIN registration AS other ON other.person = by.id
        WHERE other.id = registration.registered_by), ''),
    'message_of_staff', registration.parting_words, 'message_on_approval', registration.welcome_words,
    'notes_of_staff', (SELECT coalesce(json_agg(json_build_object('text', text, 'written_at', written_at)
        ORDER BY written_at), '[]') FROM registration_note WHERE registration_note.registration = registration.id),
    'tags_of_staff', (SELECT coalesce(json_agg(tag ORDER BY folded), '[]') FROM registration_tag
        WHERE registration_tag.registration = registration.id),
    'speaks_in', (SELECT coalesce(json_agg(coalesce(nullif(title_fi, ''), nullif(title_en, ''), title_sv)
        ORDER BY agenda_item.starts_at), '[]') FROM speaker JOIN agenda_item ON agenda_item.id = speaker.item
        WHERE speaker.registration = registration.id),
    'attendance', (SELECT json_build_object('state', state, 'source', source, 'first_entry_at', first_entry_at)
        FROM attendance WHERE attendance.registration = registration.id),
    'counted_in_reports', (SELECT json_build_object('held_on', held_on, 'role', entry.role, 'minutes', minutes,
        'organisation', organisation.name, 'organisation_type', organisation_type, 'size_class', entry.size_class,
        'municipality', entry.municipality, 'region', entry.region, 'country', entry.country)
        FROM participation AS entry LEFT JOIN organisation ON organisation.id = entry.organisation
        WHERE entry.registration = registration.id),
    'surveys', (SELECT coalesce(json_agg(json_build_object('survey', survey.kind,
        'answered', {marked("marks", "place")},
        'by_name', (SELECT coalesce(json_agg(json_build_object('question', json_build_object('fi', label_fi,
            'sv', label_sv, 'en', label_en), 'answer', values -> code, 'choices', options || rows)
            ORDER BY position), '[]')
            FROM named_answer AS given JOIN survey_question AS asked ON asked.survey = given.survey AND values ? code
            WHERE given.survey = survey.id AND given.registration = registration.id)
        ) ORDER BY survey.created_at, survey.id), '[]')
        FROM survey_invitation JOIN survey ON survey.id = survey_invitation.survey
        WHERE survey_invitation.registration = registration.id),
    'readings_at_the_door', (SELECT coalesce(json_agg(json_build_object('at', device_at, 'type', type,
        'result', result) ORDER BY device_at), '[]') FROM scan WHERE scan.registration = registration.id),
    'signed_up_for', (SELECT coalesce(json_agg(json_build_object('title', coalesce(nullif(title_fi, ''),
        nullif(title_sv, ''), title_en), 'starts_at', agenda_item.starts_at) ORDER BY agenda_item.starts_at), '[]')
        FROM registration_item JOIN agenda_item ON agenda_item.id = registration_item.item
        WHERE registration_item.registration = registration.id),
    'online_meetings', (SELECT coalesce(json_agg(json_build_object('name', meeting_attendee.name,
        'address', meeting_attendee.email, 'joined_at', joined_at, 'left_at', left_at, 'seconds', seconds)
        ORDER BY joined_at), '[]') FROM meeting_attendee JOIN meeting_join ON attendee = meeting_attendee.id
        WHERE registration.id = ANY (meeting_attendee.registrations)),
    'answers', (SELECT coalesce(json_agg(json_build_object('question', question.code, 'answer', value,
        'answered_at', answered_at) ORDER BY position), '[]') FROM registration_answer
        JOIN question ON question.id = registration_answer.question
        WHERE registration_answer.registration = registration.id),
    'health', (SELECT coalesce(json_agg(json_build_object('question', question.code, 'answer', value,
        'answered_at', answered_at, 'consent', consent_text) ORDER BY position), '[]') FROM health_answer
        JOIN question ON question.id = health_answer.question
        WHERE health_answer.registration = registration.id),
    'consents', (SELECT coalesce(json_agg(json_build_object('kind', kind, 'text', text, 'given_at', given_at,
        'withdrawn_at', withdrawn_at) ORDER BY given_at), '[]') FROM consent
        WHERE consent.registration = registration.id)) ORDER BY event.starts_at), '[]')
    FROM registration JOIN event ON event.id = registration.event JOIN site ON site.id = registration.site
"""

EVERYTHING = f"""
SELECT json_build_object(
    'person', (SELECT json_build_object('given_name', given_name, 'family_name', family_name, 'email', email,
        'language', language, 'organisation', (SELECT name FROM organisation WHERE id = person.organisation),
        'since', created_at) FROM person WHERE person.id = $1),
    'registrations', ({_REGISTRATIONS} WHERE registration.person IN {SAME}),
    'theme_groups', (SELECT coalesce(json_agg(json_build_object('group', name_fi, 'chair', chair,
        'from', starts_on, 'to', ends_on) ORDER BY starts_on), '[]') FROM group_member
        JOIN theme_group ON theme_group.id = group_member.theme_group WHERE group_member.person IN {SAME}),
    'invitations', (SELECT coalesce(json_agg(json_build_object('event', event.slug, 'to', invitation.email,
        'name', invitation.name, 'answer', invitation.state, 'invited_at', invited_at, 'answered_at', answered_at)
        ORDER BY invited_at), '[]') FROM invitation JOIN event ON event.id = invitation.event
        WHERE invitation.person IN {SAME}),
    'calendar_feed_since', (SELECT min(made_at) FROM private_feed WHERE owner_kind = 'person' AND owner_id IN {SAME}
        AND token_hash IS NOT NULL),
    'mail', (SELECT json_build_object(
        'not_reached', (SELECT json_build_object('since', since, 'status', status, 'words', words)
            FROM unreachable WHERE address = person.email),
        'not_written_to', (SELECT json_build_object('since', since, 'reason', reason)
            FROM suppression WHERE address = person.email),
        'refused_themes', (SELECT coalesce(json_agg(json_build_object('theme', refused_theme.theme, 'title',
            json_build_object('fi', name_fi, 'sv', name_sv, 'en', name_en), 'since', since) ORDER BY since), '[]')
            FROM refused_theme LEFT JOIN theme ON theme.code = refused_theme.theme WHERE address = person.email),
        'came_back', (SELECT coalesce(json_agg(json_build_object('at', at, 'status', status) ORDER BY at), '[]')
            FROM bounce WHERE address = person.email)) FROM person WHERE person.id = $1),
    'messages', (SELECT coalesce(json_agg(json_build_object('to', recipient, 'reason', reason, 'state', state,
        'subject', subject_line, 'at', coalesce(finished_at, due_at)) ORDER BY created_at), '[]') FROM message
        WHERE message.person_id IN {SAME})
)
"""


THIS = f"""
SELECT json_build_object(
    'person', (SELECT json_build_object('given_name', given_name, 'family_name', family_name, 'email', email)
        FROM person JOIN registration ON registration.person = person.id WHERE registration.id = $1),
    'registrations', ({_REGISTRATIONS} WHERE registration.id = $1),
    'messages', (SELECT coalesce(json_agg(json_build_object('to', recipient, 'reason', reason, 'state', message.state,
        'subject', subject_line, 'at', coalesce(finished_at, due_at)) ORDER BY message.created_at), '[]')
        FROM message JOIN registration ON registration.id = subject_id JOIN person ON person.id = registration.person
        WHERE subject_kind = 'registration' AND subject_id = $1 AND recipient = person.email)
)
"""
"""What a private link shows of its registration to whom nothing proves to be its person."""
