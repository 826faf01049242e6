"""Which words of a letter count: those of the event, else those of the network, else the built-in ones."""

from uuid import UUID

from events.core import database
from events.core.i18n import language
from events.core.remembering import remembered
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.tables import NETWORK

_LATEST = """
SELECT DISTINCT ON (scope_kind) scope_kind, subject, body, is_default FROM message_template
WHERE template = $1 AND language = $2 AND (scope_kind, scope_id) IN (('event', $3::uuid), ('network', $4::uuid))
ORDER BY scope_kind, version DESC
"""


@remembered(lambda template, event: (template.name, event))
async def in_force(template: Template, event: UUID | None) -> Words:
    """Return the words of a letter (about an event) in the present language."""
    rows = await database.fetch(_LATEST, template.name, language(), event or NETWORK, NETWORK)
    written = {row["scope_kind"]: Words(row["subject"], row["body"]) for row in rows if not row["is_default"]}
    return written.get("event") or written.get("network") or template.built_in
