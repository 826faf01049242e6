"""Letters about a registration as a made-up person would get them, to be looked at before anybody does."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from msgspec import structs

from events.core import clock
from events.core.i18n import gettext as _
from events.core.i18n import in_language, language
from events.core.retention import kept_until
from events.messaging.letter import Letter, Owed
from events.messaging.tables import Reason
from events.messaging.templates.shapes import Words
from events.programme.queries import EventView
from events.programme.reminders.queries import RuleView
from events.programme.tables import EventState
from events.registration.announcements.letters import Parts
from events.registration.letter_kinds import CANCELLED, KINDS, LAPSED, REMINDER_IN_LINE, WAITING, Kind, Matter
from events.registration.letters import write
from events.registration.places import place_names
from events.registration.queries import RegistrationView
from events.registration.reminding import looking_back, of_rule
from events.registration.tables import RegistrationRole, State

_STATES: Mapping[str, State] = {
    "waiting": State.WAITLISTED,
    "awaiting_approval": State.AWAITING_APPROVAL,
    "offer": State.OFFERED,
    "confirm_address": State.AWAITING_ADDRESS,
    "lapsed": State.CANCELLED,
    "cancelled": State.CANCELLED,
    "declined": State.DECLINED,
    "transferred": State.CANCELLED,
}
"""Where the made-up registration stands for each letter; confirmed for all others."""

_KINDS: Mapping[str, Kind] = {
    **{reason.value: kind for reason, kind in KINDS.items()},
    "awaiting_approval": WAITING,
    "declined": CANCELLED,
    "transferred": CANCELLED,
    "lapsed": LAPSED,
}


SAMPLE_NAME, SAMPLE_FAMILY = "Maija", "Meikäläinen"


async def sample_reminder(rule: RuleView, event: EventView, state: State, *, before: bool) -> Letter:
    """Write the reminder of a rule as someone of the present language gets it who left nothing open.

    `state` is that of the registration.
    """
    with in_language(rule.words.spoken(language())):
        how = await of_rule(rule, event, None, before=before)
        if not how.looks_ahead:
            return await looking_back(how, event, SAMPLE_NAME, f"{SAMPLE_NAME} {SAMPLE_FAMILY}")
        return await sample("reminder", event, own=how.words, state=state)


def shown_as(rule: RuleView, *, before: bool) -> list[State]:
    """Return the states whose letters differ: who has no place gets no ticket; afterwards all get the same."""
    states = [State(state) for state in rule.states] or [State.CONFIRMED]
    return states if before else states[:1]


async def sample(
    name: str, event: EventView, words: Words | None = None, *, own: Parts | None = None, state: State | None = None
) -> Letter:
    """Write a letter in the present language as someone who left nothing open gets it, at the first site.

    `words` are tried instead of those in force; `own` is what an organiser says in place of us, to a
    registration in `state`.
    """
    if name == "event_cancelled":
        event = structs.replace(event, state=EventState.CANCELLED)
    site = next(iter(event.open_sites or event.sites))
    registration = _made_up(event, site.id, name, state or _STATES.get(name, State.CONFIRMED))
    kind = REMINDER_IN_LINE if own and registration.state is not State.CONFIRMED else _KINDS[name]
    place = (await place_names(event))[site.id]
    reason = next((reason for reason, each in KINDS.items() if each is kind), Reason.CONFIRMATION)
    owed = Owed(registration.id, "", "", reason, "registration", registration.id, "", language(), "")
    news = [_("Something new")] if name == "materials" else []
    matter = Matter(registration, event, site, place)
    gone = name == "cancelled"
    return await write(kind, matter, owed, complete=True, news=news, words=words, takes_out=gone, own=own)


def _made_up(event: EventView, site: UUID, name: str, state: State) -> RegistrationView:
    registration = RegistrationView(
        id=UUID(int=0),
        event=event.id,
        site=site,
        state=state,
        role=RegistrationRole.PARTICIPANT,
        language=language(),
        given_name=SAMPLE_NAME,
        family_name=SAMPLE_FAMILY,
        email="maija@esimerkki.example",
        organisation="Esimerkki Oy",
        municipality=None,
        country="FI",
        ticket_code="ABC234",
        ticket_generation=0,
        manage_generation=0,
        revision=0,
        registered_at=clock.now(),
        position=None,
        deadline=None,
        parting_words="",
        welcome_words="",
        source="form",
        registered_by="",
        transferred=name == "transferred",
        cancel_reason="",
        data_until=kept_until(event.ends_at, event.zone),
    )
    waits = state is State.WAITLISTED
    held = state in {State.OFFERED, State.AWAITING_ADDRESS}
    return structs.replace(
        registration, position=3 if waits else None, deadline=clock.now() + timedelta(days=1) if held else None
    )
