"""Writing a new version of a letter's words, and taking them back to what stands there without."""

from datetime import datetime
from uuid import uuid4

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, NotAllowed
from events.core.i18n import gettext as _
from events.messaging.templates.shapes import Template, Words
from events.outreach.templates import queries
from events.outreach.templates.shapes import Scope

_ADD = """
INSERT INTO message_template
    (id, template, language, scope_kind, scope_id, version, subject, body, is_default, basis, made_by, made_at)
SELECT $1, $2::varchar, $3::varchar, $4::varchar, $5::uuid, $6::int + 1, $7, $8, $9, $10, $11, $12
WHERE $6::int = (SELECT coalesce(max(version), 0) FROM message_template
    WHERE template = $2 AND language = $3 AND scope_kind = $4 AND scope_id = $5)
ON CONFLICT (template, language, scope_kind, scope_id, version) DO NOTHING
"""


class Overtaken(Conflict):
    """Someone else has written a version meanwhile."""

    code = "overtaken"

    def default_message(self) -> str:
        """Say that nothing was overwritten."""
        return _("Someone else has changed these words meanwhile. Look at theirs below; nothing of theirs is lost.")


def may_edit(actor: Actor, scope: Scope, *, now: datetime) -> bool:
    """Say whether someone may change the words of a scope."""
    if scope.event:
        return may(actor, Action.EDIT_EVENTS, now=now, **scope.event.where)
    return may(actor, Action.EDIT_TEMPLATES, now=now)


async def write(
    scope: Scope, template: Template, language: str, words: Words | None, *, after: int, actor: Actor, now: datetime
) -> int:
    """Add a version after the version `after` (0: there is none) and return its number; None for as without.

    The words are taken to hold (`forms.WordsForm` says so). Raises NotAllowed, and Overtaken when `after` is not the
    latest version any more.
    """
    if not may_edit(actor, scope, now=now):
        raise NotAllowed
    basis = (await queries.without(scope, template, language)).digest
    async with transaction():
        added = await database.execute(
            _ADD,
            uuid4(),
            *(template.name, language, scope.kind.value, scope.id, after),
            *((words.subject, words.body) if words else ("", "")),
            *(words is None, basis, actor.id if actor.kind is ActorKind.STAFF else None, now),
        )
        if not added:
            raise Overtaken
        kind, identity = ("event", str(scope.event.id)) if scope.event else ("template", template.name)
        told = {"template": template.name, "language": language, "version": after + 1}
        if words:
            await audit.record(actor, "template.changed", kind, identity, now, **told)
        else:
            await audit.record(actor, "template.reset", kind, identity, now, **told)
    return after + 1
