"""Tries to join answers to persons by whom a reminder was owed, which the ledger keeps and a page of staff lists.

Whoever has no reminder had answered by its moment; of those who have one and have answered, the answers came after it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from events.core import database, secrets
from events.core.actor import SYSTEM
from events.outreach.reminders.actions import queue_due_reminders
from events.surveys import actions as surveys
from events.surveys.actions import seal, submit
from events.surveys.asked import CELL, Values
from events.surveys.groups import actions as groups
from events.surveys.groups import rules
from events.surveys.lots import Released
from events.surveys.rules import HAS_ANSWERED, TELLS_NOBODY
from events.surveys.sending import actions as sending
from events.surveys.sending.actions import invite_due, remind_due, set_sending
from events.surveys.sending.rules import Sending
from tests.factories import make_person
from tests.outreach.reminders.rules import make_rule
from tests.surveys.asking import END, MORNING, asked, attended, waiting
from tests.surveys.groups.test_labels_join_nothing import answers, two_sites

WEEK = timedelta(days=7)
TWO = (("hall", "fi", 20), ("online", "fi", 20))


async def reminding(event: UUID, by: str = "survey") -> None:
    """Let a survey remind who has not answered, or a rule of the event."""
    if by == "survey":
        how = Sending(sends=True, days=1, remind_after=7)
        await set_sending(event, "feedback", how, version=None, actor=SYSTEM, now=MORNING)
    else:
        await make_rule(event, anchor="end", days=1, answered="no")
        await database.execute("UPDATE registration SET registered_at = $1", END)


async def reminded(by: str = "survey") -> int:
    """Remind when it is time; returns how many."""
    return await (remind_due(MORNING + WEEK) if by == "survey" else queue_due_reminders(END + timedelta(days=1)))


async def answer(invitations: Sequence[UUID]) -> list[str]:
    texts = [uuid4().hex for _each in invitations]
    for invitation, text in zip(invitations, texts, strict=True):
        await submit(secrets.derive("survey", invitation), {"comments": text}, MORNING)
    return texts


async def came_after() -> int:
    """How many answered that have a reminder: all that the ledger tells of who answered last."""
    number: int = await database.fetchval(
        "SELECT count(*) FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey"
        f" WHERE {HAS_ANSWERED} AND EXISTS (SELECT FROM message"
        " WHERE subject_id = asked.registration AND (occurrence LIKE '%:reminder' OR reason = 'reminder'))"
    )
    return number


async def of_one_site(number: int) -> list[UUID]:
    rows = await database.fetch(
        "SELECT asked.id FROM survey_invitation AS asked JOIN registration ON registration.id = asked.registration"
        " JOIN site ON site.id = registration.site WHERE site.name = 'hall' ORDER BY asked.id LIMIT $1",
        number,
    )
    return [row["id"] for row in rows]


async def others(number: int) -> list[UUID]:
    rows = await database.fetch(
        "SELECT asked.id FROM survey_invitation AS asked JOIN registration ON registration.id = asked.registration"
        " JOIN site ON site.id = registration.site WHERE site.name = 'online' ORDER BY asked.id LIMIT $1",
        number,
    )
    return [row["id"] for row in rows]


async def labelled() -> int:
    """How many answers of the hall have a label, wherever they lie."""
    given, cells, _waiting = await answers()
    hall = str(await database.fetchval("SELECT id FROM site WHERE name = 'hall'"))
    return len([each for each in given if CELL in each and cells[int(each[CELL])]["site"] == hall])


async def labelled_after_four_and_a_reminder(by: str) -> int:
    """Let four of a site answer, remind, and let a fifth answer; returns how many answers of the site have a label."""
    event, _sites = await two_sites(TWO)
    hall, online = await of_one_site(5), await others(6)
    await reminding(event, by)
    await answer([*hall[:4], *online])
    assert await reminded(by) == 30
    await answer(hall[4:])
    assert await came_after() == 1, "the fifth of the site, and everybody may know it"
    return await labelled()


@pytest.mark.parametrize("by", ["survey", "rule"])
async def test_after_a_reminder_labels_begin_anew(committed_db: str, by: str) -> None:
    assert await labelled_after_four_and_a_reminder(by) == 0
    await answer((await of_one_site(14))[5:])
    assert await labelled() == 6, "all since but for four"


async def test_counted_on_over_a_reminder_a_label_would_lead_to_a_person(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "begin_anew", _nothing)
    assert await labelled_after_four_and_a_reminder("survey") == 1


async def _nothing(_surveys: Sequence[UUID]) -> None:
    pass


async def test_who_had_answered_by_a_reminder_stays_outside_when_cells_are_made_anew(committed_db: str) -> None:
    event, sites = await two_sites(TWO)
    await reminding(event)
    await answer([*(await of_one_site(2)), *(await others(2))])
    assert await remind_due(MORNING + WEEK) == 36
    await attended(event, person=await make_person("late"), site=sites["hall"], language="fi")
    await invite_due(MORNING + WEEK)
    cells = await database.fetch("SELECT cell, count(*) FROM survey_invitation GROUP BY cell ORDER BY count(*)")
    assert [row["count"] for row in cells] == [4, 18, 19]
    assert cells[0]["cell"] == rules.OUTSIDE


async def waiting_after(before: int, *, since: int, by: str = "survey") -> tuple[list[str], list[str], int]:
    """Let some of twenty answer before and after a reminder; returns what is not shown, what came after, reminders."""
    event, _links = await asked(20)
    await reminding(event, by)
    links = [row["id"] for row in await database.fetch("SELECT id FROM survey_invitation ORDER BY id")]
    await answer(links[:before])
    owed = await reminded(by)
    after = await answer(links[before : before + since])
    return [each["comments"] for each in await waiting()], after, owed


@pytest.mark.parametrize("by", ["survey", "rule"])
@pytest.mark.parametrize(
    ("before", "since", "reminders"), [(4, 1, 16), (4, 2, 16), (5, 1, 20), (9, 1, 20), (10, 1, 10)]
)
async def test_what_is_not_shown_yet_is_not_what_came_after_a_reminder(
    committed_db: str, before: int, since: int, reminders: int, by: str
) -> None:
    waits, after, owed = await waiting_after(before, since=since, by=by)
    assert owed == reminders
    told = owed < 20
    assert not told or len(waits) >= 5, "of so many one is the last, or nobody knows who was"
    assert set(after) <= set(waits)


@pytest.mark.parametrize("by", ["survey", "rule"])
async def test_were_the_first_five_counted_after_an_early_reminder_the_last_would_wait_alone(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(surveys, "is_told", _nobody_is)
    waits, after, _owed = await waiting_after(4, since=2, by=by)
    assert waits == after[1:]


async def _nobody_is(_survey: UUID) -> bool:
    return False


async def test_a_reminder_before_the_first_answer_tells_nothing_and_the_first_five_are_shown(committed_db: str) -> None:
    waits, _after, owed = await waiting_after(0, since=5)
    assert (waits, owed) == ([], 20)


async def test_reminders_to_all_who_have_not_answered_would_tell_whose_answer_waits(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_OWE_AGAIN", sending._OWE_AGAIN.replace(TELLS_NOBODY, "false"))
    waiting, after, owed = await waiting_after(5, since=1)
    assert (waiting, owed) == (after, 15)
    assert await came_after() == 1


async def test_a_survey_that_closes_again_and_again_tells_of_no_single_answer(committed_db: str) -> None:
    _event, _links = await asked(20)
    links = [row["id"] for row in await database.fetch("SELECT id FROM survey_invitation ORDER BY id")]
    await answer(links[:12])
    shown = []
    for link in links[12:]:
        await database.execute("UPDATE survey SET closes_at = $1", MORNING - timedelta(hours=1))
        await seal(MORNING)
        shown.append(await database.fetchval("SELECT answered - waits FROM survey"))
        await database.execute("UPDATE survey SET closes_at = $1", MORNING + WEEK)
        await answer([link])
    assert shown == [12] * 5 + [17] * 3


async def test_who_answers_as_a_survey_is_opened_again_is_told_by_no_reminder(committed_db: str) -> None:
    event, _links = await asked(20)
    await reminding(event)
    links = [row["id"] for row in await database.fetch("SELECT id FROM survey_invitation ORDER BY id")]
    await answer(links[:12])
    closes = await database.fetchval("SELECT closes_at FROM survey")
    await seal(closes + timedelta(days=1))
    assert await waiting() == []
    await answer(links[12:13])
    assert await reminded() == 20


async def test_shown_at_each_end_single_answers_would_be_told(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_of_them(waiting: Sequence[Values], **_other: bool) -> Released:
        return Released(list(waiting), [])

    monkeypatch.setattr(surveys, "released", all_of_them)
    await asked(20)
    links = [row["id"] for row in await database.fetch("SELECT id FROM survey_invitation ORDER BY id")]
    await answer(links[:12])
    await database.execute("UPDATE survey SET closes_at = $1", MORNING - timedelta(hours=1))
    await seal(MORNING)
    await database.execute("UPDATE survey SET closes_at = $1", MORNING + WEEK)
    await answer(links[12:13])
    assert await database.fetchval("SELECT answered - waits FROM survey") == 13
