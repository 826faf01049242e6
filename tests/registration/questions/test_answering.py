import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core import database
from events.core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from events.core.errors import Invalid, NotAllowed
from events.core.i18n import in_language
from events.core.idempotency import repeatable
from events.registration import counters
from events.registration.actions import cancel, give_place, move_site
from events.registration.queries import Registered
from events.registration.questions import queries
from events.registration.questions.answering import Entered, change_answers, register_answering
from events.registration.questions.asked import Asked
from events.registration.questions.forms import present
from events.registration.questions.reading import read
from events.registration.questions.tables import QuestionKind
from events.registration.registering import AsksQuestions, register
from tests.factories import NOW, insert, make_event
from tests.registration.questions.making import make_question, taken
from tests.registration.test_register import someone


async def sign_up(event: UUID, number: int = 0, *agreed: str, site: UUID | None = None, **raw: object) -> Registered:
    questions = await queries.of_event(event)
    new = someone(number, site=site)
    return await register_answering(event, questions, new, Entered(raw, agreed), actor=ANONYMOUS, now=NOW)


def person(made: Registered) -> Actor:
    return Actor(ActorKind.PARTICIPANT, made.id)


async def answers(made: Registered) -> dict[str, object]:
    return dict((await queries.of_registration(made.id)).all)


async def sites(event: UUID) -> list[UUID]:
    return [row["id"] for row in await database.fetch("SELECT id FROM site WHERE event = $1 ORDER BY position", event)]


async def test_answers_are_stored_with_the_registration(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "why", required=True)
    await make_question(event, "days", "many", "mon", "tue", "wed")
    made = await sign_up(event, why=" Because ", days=["wed", "mon"])
    assert await answers(made) == {"why": "Because", "days": ["mon", "wed"]}


async def test_a_wrong_answer_leaves_no_registration(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "why", required=True)
    with pytest.raises(Invalid) as refused:
        await sign_up(event)
    assert list(refused.value.errors) == ["answers.why"]
    assert await database.fetchval("SELECT count(*) FROM registration") == 0
    assert await database.fetchval("SELECT count(*) FROM message") == 0


async def test_a_full_option_is_said_beside_its_question_and_leaves_nothing(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "bus", "one", ("early", 1), "late")
    await sign_up(event, 1, bus="early")
    with pytest.raises(Invalid) as refused:
        await sign_up(event, 2, bus="early")
    assert list(refused.value.errors) == ["answers.bus"]
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1
    assert (await sign_up(event, 2, bus="late")).already is False
    assert (await taken("early"), await taken("late")) == (1, 0)


async def test_who_registers_without_answers_where_there_are_questions_is_told(db: asyncpg.Connection) -> None:
    event = await make_event()
    await register(event, someone(1), actor=ANONYMOUS, now=NOW, unanswered=True)
    await make_question(event, "why")
    with pytest.raises(AsksQuestions):
        await register(event, someone(2), actor=ANONYMOUS, now=NOW, unanswered=True)
    await register(event, someone(3), actor=SYSTEM, now=NOW, unanswered=True, any_time=True)


async def test_what_is_said_of_health_is_kept_only_with_its_consent(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "diet", health=True)
    with pytest.raises(Invalid) as refused:
        await sign_up(event, 1, diet="nuts")
    assert list(refused.value.errors) == ["agreed.diet"]
    assert await database.fetchval("SELECT count(*) FROM registration") == 0
    agreed = await sign_up(event, 2, "diet", diet="nuts")
    assert (await queries.of_registration(agreed.id)).health == {"diet": "nuts"}
    row = await database.fetchrow("SELECT * FROM health_answer")
    assert row
    assert (row["consent_language"], "ruokavalio" in row["consent_text"].lower()) == ("fi", True), row["consent_text"]
    with pytest.raises(Invalid):
        await change_answers(agreed.id, Entered({"diet": "nuts"}), actor=person(agreed), now=NOW)
    assert await answers(agreed) == {"diet": "nuts"}
    await change_answers(agreed.id, Entered({"diet": ""}), actor=person(agreed), now=NOW)
    assert await answers(agreed) == {}


async def test_changing_an_answer_moves_the_place_of_its_option(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "bus", "one", ("early", 1), ("late", 1))
    first, second = await sign_up(event, 1, bus="early"), await sign_up(event, 2)
    await change_answers(first.id, Entered({"bus": "late"}), actor=person(first), now=NOW)
    assert (await taken("early"), await taken("late")) == (0, 1)
    with pytest.raises(Invalid):
        await change_answers(second.id, Entered({"bus": "late"}), actor=person(second), now=NOW)
    assert await answers(second) == {}
    with pytest.raises(NotAllowed):
        late = await database.fetchval("SELECT starts_at FROM event")
        await change_answers(second.id, Entered({"bus": "early"}), actor=person(second), now=late)


async def test_who_waits_chooses_what_has_a_limit_after_getting_a_place(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=0)
    await make_question(event, "bus", "one", ("early", 1), "walk", required=True)
    await make_question(event, "why")
    made = await sign_up(event, bus="early", why="Because")
    assert (await answers(made), await taken("early")) == ({"why": "Because"}, 0)
    await database.execute("UPDATE site SET capacity = 1 WHERE event = $1", event)
    await give_place(made.id, actor=SYSTEM, now=NOW)
    assert await queries.lacking(made.id, event, (await sites(event))[0])
    await change_answers(made.id, Entered({"bus": "early"}), actor=person(made), now=NOW)
    assert await taken("early") == 1
    assert not await queries.lacking(made.id, event, (await sites(event))[0])


async def test_cancelling_gives_options_back_and_forgets_the_answers(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "bus", "many", ("there", 1), ("back", 1), "walk")
    await make_question(event, "diet", "one", ("vegan", 1), health=True)
    made = await sign_up(event, 0, "diet", bus=["there", "walk"], diet="vegan")
    await cancel(made.id, actor=person(made), now=NOW)
    assert (await taken("there"), await taken("vegan")) == (0, 0)
    assert await answers(made) == {}
    again = await sign_up(event, bus=["there", "back"])
    assert (again.id, await answers(again), await taken("back")) == (made.id, {"bus": ["there", "back"]}, 1)


async def test_going_back_to_the_line_gives_options_back(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await make_question(event, "bus", "one", ("early", 1))
    await make_question(event, "diet", "one", "vegan", health=True)
    made = await sign_up(event, 0, "diet", bus="early", diet="vegan")
    online = (await sites(event))[1]
    await database.execute("UPDATE site SET capacity = 0 WHERE id = $1", online)
    await move_site(made.id, online, actor=person(made), now=NOW, may_wait=True)
    assert (await taken("early"), await answers(made)) == (0, {"diet": "vegan"})


async def test_who_attends_elsewhere_keeps_the_answers_to_what_is_asked_there(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    venue, online = await sites(event)
    await make_question(event, "bus", "one", ("early", 1), shown_at=[venue])
    await make_question(event, "seat", shown_if=["bus=early"])
    await make_question(event, "group", "one", ("first", 1))
    made = await sign_up(event, bus="early", seat="1", group="first")
    await move_site(made.id, online, actor=person(made), now=NOW)
    assert await answers(made) == {"group": "first"}
    assert (await taken("early"), await taken("first")) == (0, 1)


async def test_a_repeated_request_changes_no_answers(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "why")
    questions, mark = await queries.of_event(event), repeatable("test", "1", "same")
    made = [
        await register_answering(
            event, questions, someone(), Entered({"why": word}), actor=ANONYMOUS, now=NOW, mark=mark
        )
        for word in ("First", "Second")
    ]
    assert made[0].id == made[1].id
    assert await answers(made[0]) == {"why": "First"}


@pytest.mark.parametrize("locked", [True, False])
async def test_50_at_once_for_5_places_of_an_option_are_5(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """Each tenth at a site of its own, so that the sites' rows do not order them; unlocked, more are let in."""
    if not locked:
        monkeypatch.setattr(counters, "_LOCK", counters._LOCK.replace("FOR UPDATE", ""))
        await database.execute("ALTER TABLE question_option DROP CONSTRAINT option_never_oversold")
    event = await make_event(capacity=None)
    for position in range(1, 10):
        await insert("site", event=event, mode="online", position=position)
    question = await make_question(event, "bus", "one", ("early", 5))
    where = await sites(event)
    done = await asyncio.gather(
        *(sign_up(event, number, site=where[number % 10], bus="early") for number in range(50)), return_exceptions=True
    )
    registered = [each for each in done if isinstance(each, Registered)]
    assert all(isinstance(each, Registered | Invalid) for each in done), done
    stored = await database.fetchval("SELECT count(*) FROM registration_answer WHERE question = $1", question)
    assert (stored, len(registered)) == (await taken("early"), stored)
    assert stored == 5 if locked else stored > 5


async def test_two_who_take_each_others_options_do_not_wait_for_ever(committed_db: str) -> None:
    event = await make_event(capacity=None, online=True)
    await make_question(event, "bus", "many", *((f"stop{number}", 100) for number in range(8)))
    where = await sites(event)
    stops = [f"stop{number}" for number in range(8)]
    made = [
        await sign_up(event, number, site=where[number % 2], bus=stops[:: 1 if number % 4 else 2])
        for number in range(20)
    ]
    async with asyncio.timeout(30):
        for step in (3, 2, 1):
            await asyncio.gather(
                *(
                    change_answers(each.id, Entered({"bus": stops[number % step :: step]}), actor=person(each), now=NOW)
                    for number, each in enumerate(made)
                )
            )
    counted = await database.fetchval("SELECT bool_and(taken = 20) FROM question_option")
    assert counted


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("number", [3.14159265, 12500, 0.1, -7, 1234567.25])
def test_a_number_that_is_shown_and_read_again_stays_the_same(language: str, number: float) -> None:
    asked = Asked(id=uuid4(), code="n", kind=QuestionKind.NUMBER, labels={"fi": "n"})
    with in_language(language):
        shown = present([asked], {"n": number})["answers.n"]
        assert read([asked], {"n": shown}, site=None) == {"n": number}


def test_an_english_number_with_commas_is_asked_for_again() -> None:
    asked = Asked(id=uuid4(), code="n", kind=QuestionKind.NUMBER, labels={"en": "n"})
    with in_language("en"), pytest.raises(Invalid):
        read([asked], {"n": "12,500"}, site=None)
    with in_language("fi"):
        assert read([asked], {"n": "12,500"}, site=None) == {"n": 12.5}
