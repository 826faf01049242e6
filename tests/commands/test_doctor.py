from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from events.commands.delivery import mails
from events.commands.doctor import _database, _public_url, _settings, _state
from events.commands.findings import Level
from events.core import clock, database
from events.core.settings import Settings
from events.ground import Ground
from tests.factories import insert
from tests.processes import environment, run

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def said(found: object, level: Level) -> str:
    return " ".join(one.text for one in found if one.level is level)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "level", "words"),
    [
        ("https://tapahtumat.example", Level.FINE, "public address"),
        ("http://tapahtumat.example", Level.BAD, "not https"),
        ("http://127.0.0.1:8000", Level.NOTE, "this machine alone"),
        ("tapahtumat.example", Level.BAD, "should be like"),
    ],
)
def test_the_public_address_is_judged_by_what_it_does_to_links_and_cookies(url: str, level: Level, words: str) -> None:
    assert words in said(list(_public_url(Settings(public_url=url))), level)


def test_mail_that_cannot_leave_is_named(tmp_path: Path) -> None:
    assert "no mail leaves" in said(list(_settings(Settings(data_dir=tmp_path, mail_url=None))), Level.NOTE)
    broken = list(_settings(Settings(data_dir=tmp_path, mail_url="smtp://127.0.0.1:1")))
    assert "127.0.0.1:1 does not answer" in said(broken, Level.BAD)
    assert "sixnet@localhost" in said(broken, Level.BAD)


def test_a_key_that_others_can_read_and_a_short_one_are_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x" * 40)
    (tmp_path / "secret_key").chmod(0o644)
    found = list(_settings(Settings(data_dir=tmp_path, secret_key="short")))
    assert "chmod 600" in said(found, Level.BAD)
    assert "SIXNET_SECRET_KEY is short" in said(found, Level.BAD)


def test_a_privacy_notice_without_a_controller_is_named(tmp_path: Path) -> None:
    assert "names no controller" in said(list(_settings(Settings(data_dir=tmp_path))), Level.NOTE)
    known = Settings(data_dir=tmp_path, provider_name="Pirkka")
    assert "controller" not in said(list(_settings(known)), Level.NOTE)


def test_how_long_people_are_known_is_told_and_that_nobody_chose_it(tmp_path: Path) -> None:
    found = list(_settings(Settings(data_dir=tmp_path)))
    assert "SIXNET_RETENTION_MONTHS is not set: who took part is known for 120 months" in said(found, Level.NOTE)
    chosen = list(_settings(Settings(data_dir=tmp_path, retention_months=72)))
    assert "known for 72 months" in said(chosen, Level.FINE)


async def test_a_worker_that_stopped_and_mail_that_is_late_are_named(committed_db: str) -> None:
    now = datetime.now(UTC)
    for key, age in (("last_tick", 1), ("worker", 30)):
        await database.execute(
            "INSERT INTO service_state (key, value, changed_at) VALUES ($1, '', $2)", key, now - timedelta(minutes=age)
        )
    await insert(
        "message",
        recipient="aino@yritys.example",
        reason="confirmation",
        subject_kind="registration",
        subject_id=uuid4(),
        message_id="<x@sixnet>",
        due_at=now - timedelta(hours=1),
    )
    await database.close_pool()
    found = await _database(Ground(committed_db, embedded=True))
    assert "The minute tick runs." in said(found, Level.FINE)
    assert "The worker last ran 30 minutes ago" in said(found, Level.BAD)
    assert "1 messages that somebody waits for should have left" in said(found, Level.BAD)
    await database.open_pool(committed_db)


async def owe(reason: str, due: int, left: int | None = None) -> None:
    """Owe a message that was due `due` minutes ago, and maybe left `left` minutes ago."""
    await insert(
        "message",
        recipient=f"{uuid4().hex}@yritys.example",
        reason=reason,
        subject_kind="announcement",
        subject_id=uuid4(),
        message_id="<x@sixnet>",
        due_at=NOW - timedelta(minutes=due),
        state="queued" if left is None else "sent",
        finished_at=None if left is None else NOW - timedelta(minutes=left),
    )


@pytest.mark.parametrize(
    ("others", "level", "words"),
    [
        ([("news", 60, 2)], Level.NOTE, "2 messages wait, the first for 60 minutes, and are going out: 1 left"),
        ([], Level.BAD, "2 messages should have left"),
        ([("news", 60, 6)], Level.BAD, "2 messages should have left"),
        ([("confirmation", 2, 2)], Level.BAD, "2 messages should have left"),
        ([("news", 60, 2), ("confirmation", 11, None)], Level.BAD, "1 messages that somebody waits for"),
    ],
    ids=["it advances", "nothing left", "nothing left of late", "only what overtakes left", "what overtakes is stuck"],
)
async def test_a_large_letter_that_goes_out_slowly_is_told_from_one_that_is_stuck(
    db: asyncpg.Connection, others: list[tuple[str, int, int | None]], level: Level, words: str
) -> None:
    for reason, due, left in [("news", 60, None), ("news", 50, None), *others]:
        await owe(reason, due, left)
    assert words in said(await mails(NOW), level)


def test_a_database_that_does_not_answer_is_one_finding_among_the_others(tmp_path: Path) -> None:
    env = environment(tmp_path, database_url="postgresql://127.0.0.1:1/x", secret_key="k" * 40)
    done = run("doctor", env=env)
    assert done.returncode == 1
    assert "BAD   The database cannot be reached" in done.stdout
    assert "note  SIXNET_MAIL_URL is not set" in done.stdout
    assert done.stderr == ""


async def test_parked_jobs_and_waiting_webhooks_are_named(committed_db: str) -> None:
    now = clock.now()
    key = f"begun:mail.deliver:{uuid4()}"
    await database.execute("INSERT INTO service_state (key, value, changed_at) VALUES ($1, '5', $2)", key, now)
    endpoint = await insert("webhook_endpoint", url="https://kone.example/", kinds=["event.published"])
    for state, at in (("queued", None), ("failed", now)):
        columns = {"state": state, "finished_at": at, "due_at": now - timedelta(hours=3)}
        await insert("webhook_delivery", endpoint=endpoint, kind="event.published", **columns)
    found = await _state(now)
    assert "mail.deliver was begun 5 times or more and never ended" in said(found, Level.BAD)
    assert "1 webhooks wait, the first for 3 hours" in said(found, Level.BAD)
    assert "1 webhooks of the last day were given up" in said(found, Level.NOTE)
