"""A machine that registers, cancels, moves, offers, lets lapse, accepts, raises and lowers at random, two sides at once.

After each step it looks at the tables themselves: places, line, letters and audit trail must agree.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from events.core import database
from events.core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from events.core.errors import ServiceError
from events.programme.editing import EventChanges, edit_event
from events.programme.sites import NewSite
from events.registration import actions, details
from events.registration.line import fill_all
from events.registration.offers import lapse_due
from events.registration.tables import State
from tests.factories import NOW, make_event
from tests.registration.test_register import someone

PEOPLE = 9
HOLDS = {"confirmed", "offered", "awaiting_address"}

Step = Coroutine[Any, Any, object]


class Seen(NamedTuple):
    """A registration as the tables have it, with how much was written about it."""

    site: UUID
    state: str
    number: int
    letters: int
    audits: int
    source: str


_SEEN = """
SELECT registration.id, site, state, number, source,
    (SELECT count(*) FROM message WHERE subject_id = registration.id) AS letters,
    (SELECT count(*) FROM audit WHERE subject_id = registration.id::text) AS audits
FROM registration WHERE event = $1
"""

DEEDS = (
    *("register", "register", "register", "cancel", "move", "mend", "approve", "decline", "give_place"),
    *("accept_offer", "confirm_address", "queue_again", "transfer"),
)

people = st.integers(0, PEOPLE - 1)
sites = st.integers(0, 1)


class Line(RuleBasedStateMachine):
    """One event with two small sites; `run` brings coroutines onto the loop of the database's pool."""

    run: Callable[[Step], Any]

    @initialize(
        places=st.tuples(st.integers(0, 3), st.integers(0, 3)),
        waiting_list=st.sampled_from(["automatic", "offer", "none", "by_hand"]),
        address_hours=st.sampled_from([None, None, 3]),
        needs_approval=st.sampled_from([False, False, True]),
    )
    def begin(
        self, places: tuple[int, int], waiting_list: str, address_hours: int | None, needs_approval: bool
    ) -> None:
        self.now, self.by_hand, self.waiting_list = NOW, set[UUID](), waiting_list
        self.places = list(places)
        self.event: UUID = self.run(
            make_event(
                capacity=places[0],
                online=True,
                waiting_list=waiting_list,
                address_hours=address_hours,
                needs_approval=needs_approval,
            )
        )
        self.sites: list[UUID] = self.run(self._begin_sites(places[1]))
        self.before: dict[UUID, Seen] = {}

    async def _begin_sites(self, second: int) -> list[UUID]:
        await database.execute("UPDATE site SET capacity = $2 WHERE event = $1 AND position = 1", self.event, second)
        rows = await database.fetch("SELECT id FROM site WHERE event = $1 ORDER BY position", self.event)
        return [row["id"] for row in rows]

    # What the two sides do: each is tried, and may be refused.

    def register(self, who: int, site: int) -> Step:
        new = someone(who, site=self.sites[site])
        return actions.register(self.event, new, actor=ANONYMOUS, now=self.now)

    async def _of(self, who: int, deed: Callable[..., Step], *given: object, staff: bool = False) -> None:
        email = someone(who).email
        identity = await database.fetchval(
            "SELECT registration.id FROM registration JOIN person ON person.id = registration.person"
            " WHERE event = $1 AND email = $2",
            *(self.event, email),
        )
        if identity:
            actor = SYSTEM if staff else Actor(ActorKind.PARTICIPANT, identity)
            await deed(identity, *given, actor=actor, now=self.now)
            if deed is actions.give_place:
                self.by_hand.add(identity)

    def side(self, deed: str, who: int, site: int) -> Step:
        match deed:
            case "register":
                return self.register(who, site)
            case "move":
                return self._of(who, _move_or_wait, self.sites[site])
            case "approve" | "decline" | "give_place":
                return self._of(who, getattr(actions, deed), staff=True)
            case "transfer":
                return self._of(who, _transfer, (who + 1) % PEOPLE)
            case "mend":
                return self._of(who, _mend, who)
            case _:
                return self._of(who, getattr(actions, deed))

    deeds = st.tuples(st.sampled_from(DEEDS), people, sites)

    @rule(first=deeds)
    def alone(self, first: tuple[str, int, int]) -> None:
        self._step(self.side(*first))

    @rule(first=deeds, second=deeds)
    def at_once(self, first: tuple[str, int, int], second: tuple[str, int, int]) -> None:
        self._step(self.side(*first), self.side(*second))

    @rule(hours=st.integers(1, 30), meanwhile=deeds)
    def time_passes(self, hours: int, meanwhile: tuple[str, int, int]) -> None:
        self.now = self.now + timedelta(hours=hours)
        self._step(lapse_due(self.now), self.side(*meanwhile))
        self._step(lapse_due(self.now))  # what was offered by what lapsed has its own time

    @rule(site=sites, places=st.integers(0, 4), meanwhile=deeds)
    def change_capacity(self, site: int, places: int, meanwhile: tuple[str, int, int]) -> None:
        self._step(self._set_places(site, places), self.side(*meanwhile))
        self._step(fill_all(self.now))  # as the worker does, which is nudged by the change

    async def _set_places(self, site: int, places: int) -> None:
        wanted = [*self.places]
        wanted[site] = places
        new = [
            NewSite(id=self.sites[n], mode="venue" if n == 0 else "online", capacity=wanted[n], name="A" * (1 - n))
            for n in range(2)
        ]
        await edit_event(self.event, EventChanges(sites=new), actor=SYSTEM, now=self.now)
        self.places = wanted

    def _step(self, *sides: Step) -> None:
        self.run(_at_once(*sides))

    # What must hold after each step.

    @invariant()
    def all_is_well(self) -> None:
        if not hasattr(self, "before"):
            return
        after = self.run(look(self.event, by_hand=self.waiting_list == "by_hand"))
        for site in self.sites:
            self._check_order(site, after)
        for identity, seen in after.items():
            before = self.before.get(identity)
            if before is None or before.state == seen.state:
                continue
            assert seen.audits > before.audits, f"no audit row for {before.state} -> {seen.state}"
            assert seen.letters > before.letters, f"no letter for {before.state} -> {seen.state}"
        self.before = after

    def _check_order(self, site: UUID, after: dict[UUID, Seen]) -> None:
        """Whoever got a place from the line by itself stood before all who stand there still."""
        were = {identity: seen for identity, seen in self.before.items() if seen.state == "waitlisted"}
        still = [seen.number for identity, seen in after.items()
                 if seen.site == site and seen.state == "waitlisted" and identity in were
                 and were[identity].site == site and were[identity].number == seen.number]  # fmt: skip
        went = [were[identity].number for identity, seen in after.items()
                if identity in were and were[identity].site == site == seen.site and seen.state in HOLDS
                and seen.number == were[identity].number and identity not in self.by_hand]  # fmt: skip
        assert not (still and went) or max(went) < min(still), "someone was passed over"
        newcomers = [seen for identity, seen in after.items()
                     if identity not in self.before and seen.site == site and seen.state in HOLDS
                     and seen.source != "transfer"]  # fmt: skip
        if self.waiting_list != "by_hand":
            assert not (still and newcomers), "someone came in past the line"


async def look(event: UUID, *, by_hand: bool = False) -> dict[UUID, Seen]:
    """Return an event's registrations, after comparing each site's counters with them and its places with its line."""
    seen = {row["id"]: Seen(**{name: row[name] for name in Seen._fields}) for row in await database.fetch(_SEEN, event)}
    for row in await database.fetch("SELECT * FROM site WHERE event = $1", event):
        here = [one.state for one in seen.values() if one.site == row["id"]]
        held, waiting = sum(state in HOLDS for state in here), here.count(State.WAITLISTED)
        assert (row["taken"], row["waiting"]) == (held, waiting), "counters"
        assert held <= row["capacity"], "more held than there are places"
        assert by_hand or not (waiting and held < row["capacity"]), "a place is free beside someone who waits"
    return seen


async def _at_once(*sides: Step) -> None:
    await asyncio.gather(*(_tried(side) for side in sides))


async def _tried(side: Step) -> None:
    with suppress(ServiceError):
        await side


async def _move_or_wait(identity: UUID, site: UUID, *, actor: Actor, now: datetime) -> None:
    await actions.move_site(identity, site, actor=actor, now=now, may_wait=True)


async def _mend(identity: UUID, who: int, *, actor: Actor, now: datetime) -> None:
    new = someone(who)
    mended = details.Details(given_name=new.given_name, family_name=new.family_name, email=new.email or "")
    await details.change_details(identity, mended, actor=actor, now=now)


async def _transfer(identity: UUID, to: int, *, actor: Actor, now: datetime) -> None:
    await actions.transfer(identity, someone(to), actor=actor, now=now)
