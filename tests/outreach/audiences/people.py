"""People for the tests of letters to groups, and what goes out to them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events.core import database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.letters import COMPOSERS
from events.messaging.delivery import compose
from events.messaging.letter import Letter, Owed
from events.outreach.audiences import actions
from events.outreach.audiences.rules import Audience, Group
from tests.factories import NOW, insert, make_event, make_person, make_registration

TEXTS = {"subject_fi": "Uutisia, {given_name}", "body_fi": "Hei {name}!\n\nTulossa: {events} {link}"}
EVERYBODY = Audience(everybody=True)


async def agree(registration: UUID, **columns: Any) -> UUID:
    given = {"kind": "news", "text": "x", "language": "fi", "given": True, "given_at": NOW, **columns}
    return await insert("consent", registration=registration, **given)


async def guest(name: str, event: UUID | None = None, *, agreed: bool = True, **columns: Any) -> UUID:
    """Someone registered for an event, who agreed to news; returns the registration."""
    person = await make_person(name, **{key: columns.pop(key) for key in ("email", "language") if key in columns})
    made = await make_registration(event or await make_event(), person=person, **columns)
    if agreed:
        await agree(made)
    return made


async def attended(registration: UUID, state: str = "attended") -> None:
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, $2, 'desk', 'staff')",
        *(registration, state),
    )


async def theme(code: str) -> str:
    sql = "INSERT INTO theme (code, name_fi, name_sv, name_en) VALUES ($1, $1, $1, $1) ON CONFLICT DO NOTHING"
    await database.execute(sql, code)
    return code


async def about(event: UUID, *themes: str) -> UUID:
    for code in themes:
        await insert("event_theme", event=event, theme=await theme(code))
    return event


async def theme_group(code: str = "steel", region: str = "06") -> UUID:
    return await insert("theme_group", theme=await theme(code), region=region, name_fi="Ryhmä")


async def member(group: UUID, name: str, **columns: Any) -> UUID:
    dates = {"starts_on": (NOW - timedelta(days=9)).date(), **columns}
    return await insert("group_member", theme_group=group, person=await make_person(name), **dates)


async def invited(event: UUID, name: str, **columns: Any) -> UUID:
    given = {"email": f"{name.lower()}@yritys.example", "name": name, "token_hash": uuid4().bytes, **columns}
    return await insert("invitation", event=event, **given)


async def write(audience: Audience | Group, *, identity: UUID | None = None, **more: Any) -> UUID:
    identity = identity or uuid4()
    wanted = Audience(groups=(audience,)) if isinstance(audience, Group) else audience
    given = {"send_at": NOW, "actor": SYSTEM, "now": NOW, **more}
    await actions.write(identity, wanted, given.pop("texts", TEXTS), **given)
    return identity


async def recipients(identity: UUID | None = None) -> list[str]:
    rows = await database.fetch(
        "SELECT recipient FROM message WHERE reason = 'news' AND ($1::uuid IS NULL OR subject_id = $1)"
        " ORDER BY recipient",
        identity,
    )
    return [row["recipient"].partition("@")[0].partition(".")[0] for row in rows]


async def meant(audience: Audience | Group, **more: Any) -> list[str]:
    return await recipients(await write(audience, **more))


async def letter(of: str) -> Letter | None:
    row = await database.fetchrow("SELECT * FROM message WHERE recipient LIKE $1 AND reason LIKE 'news%'", f"{of}%")
    assert row is not None
    with in_language(row["language"]):
        return await compose(msgspec.convert(dict(row), Owed), COMPOSERS)
