"""A backup taken while the service runs, brought into an empty data directory."""

import asyncio
import stat
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from events import ground as grounds
from events.core import clock, database, files, secrets, settings
from events.core.embedded import attached, destroy
from events.demo.load import load
from events.migrate import migrate
from tests.processes import environment, run, running

NOISE = {"service_state", "dramatiq.queue", "dramatiq.worker", "dramatiq.result"}


class Saved:
    """An installation with the demo programme, its backup, and what was in it."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "first"
        self.file = folder / "backup.sixnet"
        self.env = environment(self.data_dir)
        self.counts: dict[str, int] = {}
        self.manage = ""
        self.files: list[Path] = []


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    made = Saved(tmp_path_factory.mktemp("backup"))
    with attached(made.data_dir, settings={"fsync": "off"}) as embedded:
        key = grounds.kept_key(made.data_dir)
        known = settings.get_settings().secret_key
        elsewhere = settings.get_settings().data_dir
        settings.override(secret_key=key, data_dir=str(made.data_dir))
        registration = asyncio.run(fill(embedded.url))
        made.manage = secrets.derive("manage", registration)
        settings.override(secret_key=known or "", data_dir=str(elsewhere))
        made.files = [path.relative_to(made.data_dir) for path in (made.data_dir / files.FOLDER).iterdir()]
        done = run("backup", str(made.file), env=made.env)
        assert done.returncode == 0, done.stderr
        made.counts = counts(embedded.url)
    yield made
    destroy(made.data_dir)


async def fill(url: str) -> UUID:
    async with database.pooled(url):
        await migrate(url)
        await load(clock.now())
        identity: UUID = await database.fetchval(
            "SELECT registration.id FROM registration JOIN event ON event.id = event"
            " WHERE registration.state = 'confirmed' AND starts_at > now() LIMIT 1"
        )
        return identity


def counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'dramatiq') ORDER BY 1"
        ).fetchall()
        names = [name.removeprefix("public.") for (name,) in tables]
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # type: ignore[call-overload,index]
            for name in names
            if name not in NOISE
        }


def test_a_backup_is_one_file_that_only_its_owner_may_read(saved: Saved) -> None:
    assert stat.S_IMODE(saved.file.stat().st_mode) == 0o600
    names = sorted(f"files/{path}" for path in saved.files)
    assert names, "the demo keeps a file"
    with tarfile.open(saved.file) as archive:
        assert archive.getnames() == ["manifest.json", "secret_key", "database.dump", *names]
    assert [path.name for path in saved.file.parent.iterdir() if path.name.startswith(".")] == []


def test_a_restored_backup_has_every_row_and_opens_an_old_private_link(saved: Saved, tmp_path: Path) -> None:
    second = tmp_path / "second"
    env = environment(second)
    done = run("restore", str(saved.file), env=env)
    assert done.returncode == 0, done.stderr
    assert [(second / path).read_bytes()[:5] for path in saved.files] == [b"%PDF-"]
    with attached(second) as embedded:
        restored = counts(embedded.url)
        assert restored == saved.counts
        assert restored["registration"] > 500
        with running("serve", "--port", "0", env=env, out=tmp_path / "serve.txt") as serve:
            serve.wait_until_it_says("SIXNET serves")
            with urllib.request.urlopen(f"{serve.url}/r/{saved.manage}", timeout=30) as answer:
                assert answer.status == 200
    again = run("restore", str(saved.file), env=env)
    assert again.returncode == 1
    assert again.stderr.startswith("sixnet: The database is not empty")
    destroy(second)


def test_a_backup_is_not_restored_beside_another_key(saved: Saved, tmp_path: Path) -> None:
    done = run("restore", str(saved.file), env=environment(tmp_path / "other", secret_key="another key " * 4))
    assert done.returncode == 1
    assert "SIXNET_SECRET_KEY is not the key of this backup" in done.stderr
    assert not (tmp_path / "other").exists()


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "other.tar").write_bytes(b"something else")
    done = run("restore", str(tmp_path / "other.tar"), env=environment(tmp_path / "data"))
    assert done.returncode == 1
    assert "is no backup of SIXNET" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_doctor_tells_how_old_the_last_backup_is(saved: Saved) -> None:
    said = run("doctor", env=saved.env)
    assert "The last backup is 0 minutes old." in said.stdout
    assert said.returncode == 1
    assert "BAD   The worker has never run: start `sixnet worker`" in said.stdout
