"""What one may agree to, in the words that are shown and kept; each is optional and unticked."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.i18n import gettext as _
from events.core.i18n import in_language
from events.messaging.actions import get_letters_again, subscribe_again
from events.registration.tables import ConsentKind


def consent_texts(language: str) -> Mapping[ConsentKind, str]:
    """Return the text of every consent in a language; health data is asked for only where an event needs it."""
    with in_language(language):
        return {
            ConsentKind.NEWS: _("You may send me news about SIXNET’s events by e-mail."),
            ConsentKind.PHOTOS: _("I may be recognised in photos of the event that are published."),
            ConsentKind.PARTICIPANT_LIST: _(
                "The other participants of the event may see my name, organisation and region until 30 days after it."
            ),
            ConsentKind.HEALTH: _("You may use what I say about diet and accessibility to arrange the event."),
        }


async def given(registration_id: UUID) -> dict[ConsentKind, tuple[str, str]]:
    """Return what a person agrees to now, with the text of each consent as it was shown, and its language."""
    rows = await database.fetch(
        "SELECT kind, text, language FROM consent WHERE registration = $1 AND given AND withdrawn_at IS NULL"
        " ORDER BY given_at",
        registration_id,
    )
    return {ConsentKind(row["kind"]): (row["text"], row["language"]) for row in rows}


async def settle(
    registration_id: UUID,
    wanted: Collection[ConsentKind],
    *,
    asked: Collection[ConsentKind],
    language: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Let exactly the `wanted` of the `asked` consents hold, with their words in the language in which they were read.

    What was given before stays on record as withdrawn. Who agrees to news by the link in their mail, or says so once
    more, is written to again, although they had unsubscribed; of others it is not known that the address is theirs.
    """
    async with transaction():
        await database.execute("SELECT FROM registration WHERE id = $1 FOR UPDATE", registration_id)
        held = await given(registration_id)
        gone = [kind for kind in asked if kind in held and kind not in wanted]
        new = [kind for kind in asked if kind in wanted and kind not in held]
        await database.execute(
            "UPDATE consent SET withdrawn_at = $3 WHERE registration = $1 AND kind = ANY($2) AND withdrawn_at IS NULL",
            registration_id,
            [kind.value for kind in gone],
            now,
        )
        texts = consent_texts(language)
        for kind in new:
            await database.execute(
                "INSERT INTO consent (id, registration, kind, text, language, given, given_at)"
                " VALUES (gen_random_uuid(), $1, $2, $3, $4, true, $5)",
                *(registration_id, kind.value, texts[kind], language, now),
            )
        if actor.by_mail and ConsentKind.NEWS in {*asked} & {*wanted}:
            address = await database.fetchval(_ADDRESS, registration_id) or ""
            # What was agreed to before an unsubscribing is withdrawn: what holds still came after it.
            await (subscribe_again(address) if ConsentKind.NEWS in new else get_letters_again(address))
        if gone or new:
            await audit.record(
                actor, "registration.consents_changed", "registration", registration_id, now, given=new, withdrawn=gone
            )


async def give_news_back(address: str, withdrawn_at: datetime, *, language: str, now: datetime) -> None:
    """Let agreements to news hold again that an address withdrew at a moment, with their words as they were read now.

    Runs within the caller's transaction, which holds the registrations.
    """
    text = consent_texts(language)[ConsentKind.NEWS]
    for row in await database.fetch(_GIVE_NEWS_BACK, address, withdrawn_at, text, language, now):
        registration: UUID = row["registration"]
        actor = Actor(ActorKind.PARTICIPANT, registration, by_mail=True)
        await audit.record(
            *(actor, "registration.consents_changed", "registration", registration, now),
            given=[ConsentKind.NEWS],
            withdrawn=[],
        )


_GIVE_NEWS_BACK = """
INSERT INTO consent (id, registration, kind, text, language, given, given_at)
SELECT gen_random_uuid(), registration.id, 'news', $3, $4, true, $5
FROM registration JOIN person ON person.id = registration.person
WHERE person.email = $1 AND EXISTS (
        SELECT FROM consent WHERE consent.registration = registration.id AND kind = 'news' AND withdrawn_at = $2)
    AND NOT EXISTS (
        SELECT FROM consent WHERE consent.registration = registration.id AND kind = 'news' AND withdrawn_at IS NULL)
RETURNING registration
"""

_ADDRESS = "SELECT email FROM person WHERE id = (SELECT person FROM registration WHERE id = $1)"


async def withdraw_all(registration_id: UUID, *, now: datetime) -> None:
    """Let no consent hold any more that was given at an earlier time: who comes again is asked again."""
    await database.execute(
        "UPDATE consent SET withdrawn_at = $2 WHERE registration = $1 AND withdrawn_at IS NULL", registration_id, now
    )
