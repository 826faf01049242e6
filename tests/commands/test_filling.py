"""The commands that fill and read an installation, on a database of the test's own."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from events import cli
from events.accounts.rules import GROUP_ROLES
from events.accounts.tables import Role, Scope
from events.commands import reporting
from events.core import clock, database, secrets
from events.core.i18n import LANGUAGES
from tests.conftest import SECRET_KEY
from tests.factories import make_event
from tests.processes import environment, run

DATA = Path(__file__).parents[1] / "data"
PROGRAMME = DATA / "programme.csv"


@pytest.fixture
def env(committed_db: str, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, database_url=committed_db, secret_key=SECRET_KEY)


async def test_staff_add_prints_a_link_that_leads_to_the_running_server(env: dict[str, str]) -> None:
    await database.execute(
        "INSERT INTO service_state (key, value, changed_at) VALUES ('public_url', 'http://127.0.0.1:9123', now())"
    )
    done = run("staff", "add", "Uusi@kehitys.example", "--role", "organiser", "--region", "06", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("http://127.0.0.1:9123/staff/")
    grants = await database.fetch("SELECT role, resource_kind, resource_id FROM staff_grant")
    assert [tuple(row) for row in grants] == [("organiser", "region", "06")]


def test_an_account_needs_an_address(env: dict[str, str]) -> None:
    done = run("staff", "add", "nobody", "--role", "admin", env=env)
    assert (done.returncode, done.stderr) == (1, "sixnet: 'nobody' is no address that mail can be sent to.\n")


async def test_token_add_ends_with_the_token_alone(env: dict[str, str]) -> None:
    await make_event(slug="paja")
    done = run("token", "add", "ovi", "--scope", "checkin", "--event", "paja", env=env)
    assert done.returncode == 0, done.stderr
    token = done.stdout.splitlines()[-1]
    assert (
        await database.fetchval("SELECT scope FROM api_token WHERE token_hash = $1", secrets.digest(token)) == "checkin"
    )
    unknown = run("token", "add", "ovi", "--scope", "checkin", "--event", "ei-ole", env=env)
    assert (unknown.returncode, unknown.stderr) == (1, "sixnet: There is no event 'ei-ole'.\n")
    assert run("token", "add", "ovi", "--scope", "everything", env=env).returncode == 2


async def test_the_sample_programme_is_imported_once_and_its_bad_row_is_explained(env: dict[str, str]) -> None:
    dry = run("import", "programme", str(PROGRAMME), "--dry-run", env=env)
    assert dry.stdout.splitlines()[-1] == "Would add 6 of 7 rows, 0 known already, 1 refused."
    assert await database.fetchval("SELECT count(*) FROM event") == 0
    done = run("import", "programme", str(PROGRAMME), env=env)
    assert done.returncode == 0, done.stderr
    assert "line 8: refused: " in done.stdout
    assert await database.fetchval("SELECT count(*) FROM event") == 6
    again = run("import", "programme", str(PROGRAMME), env=env)
    assert again.stdout.splitlines()[-1] == "Added 0 of 7 rows, 6 known already, 1 refused."


async def test_a_file_that_is_not_there_or_no_table_is_one_clear_line(env: dict[str, str], tmp_path: Path) -> None:
    done = run("import", "programme", "nowhere.csv", env=env)
    assert (done.returncode, done.stderr) == (1, "sixnet: There is no file nowhere.csv.\n")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    done = run("import", "programme", str(tmp_path / "other.csv"), env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("sixnet: The table lacks these columns:")


async def test_the_report_comes_in_every_format(env: dict[str, str], tmp_path: Path) -> None:
    done = run("report", "participation", "--from", "2022-01-01", "--to", "2023-12-31", env=env)
    assert json.loads(done.stdout)["totals"]["participations"] == 0
    for kind, begin in (("csv", b"section,"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        file = tmp_path / f"report.{kind}"
        done = run("report", "participation", "--format", kind, "-o", str(file), env=env)
        assert done.returncode == 0, done.stderr
        assert file.read_bytes().startswith(begin)
    bad = run("report", "participation", "--from", "2023-01-01", "--to", "2022-01-01", env=env)
    assert bad.returncode == 1
    assert bad.stderr.startswith("sixnet: The report cannot be made: ")


def test_the_choices_of_the_command_are_those_of_the_service() -> None:
    assert list(cli.StaffRole) == [role for role in Role if role not in GROUP_ROLES], (
        "a chair is invited by their group"
    )
    assert list(cli.TokenScope) == list(Scope)
    assert set(reporting.Language) == set(LANGUAGES)


async def test_the_sample_participants_are_taken_and_every_other_row_is_explained(env: dict[str, str]) -> None:
    start = clock.now() + timedelta(days=9)
    await make_event(
        slug="hameenlinna", starts_at=start, ends_at=start + timedelta(hours=6), online=True, capacity=None
    )
    done = run("import", "participants", str(DATA / "participants-hameenlinna.csv"), "--event", "hameenlinna", env=env)
    *remarks, last = done.stdout.splitlines()
    assert last == "Added 123 of 146 rows, 0 known already, 6 refused, 17 left out."
    assert len([line for line in remarks if ": refused: " in line]) == 6
    assert len([line for line in remarks if ": left out: " in line]) == 17
    assert await database.fetchval("SELECT count(*) FROM registration") == 123
