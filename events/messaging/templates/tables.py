"""What staff have written in place of the words of a built-in letter: every version, none is ever changed."""

import uuid
from enum import StrEnum

from piccolo.columns import UUID, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import declare

NETWORK = uuid.UUID(int=0)
"""Stands as `scope_id` of what holds for the whole network."""


class ScopeKind(StrEnum):
    """For which letters a version is: all of the network, or those of one event."""

    NETWORK = "network"
    EVENT = "event"


class MessageTemplate(Table, tablename="message_template", db=DB):
    """One version of the words of a letter in one language, for the network or an event (kind + id, no foreign key).

    The highest version counts. One that says `is_default` takes the words back to what would stand there without it.
    `basis` is a digest of the built-in words at that time: so a later change of them is noticed.
    """

    id = UUID(primary_key=True)
    template = Varchar(length=40)
    language = Varchar(length=2)
    scope_kind = Varchar(length=10, choices=ScopeKind)
    scope_id = UUID(default=None)
    version = Integer()
    subject = Text(default="")
    body = Text(default="")
    is_default = Boolean(default=False)
    basis = Varchar(length=64, default="")
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow())

    template_version_once = Unique([template, language, scope_kind, scope_id, version])


declare(MessageTemplate, "template", "language", "scope_kind", "subject", "body", "basis")
