"""The rules that hold everywhere: ruff, mypy, who may import whom. Each is shown to be able to fail."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

FEATURES = (
    "messaging",
    "accounts",
    "network",
    "programme",
    "registration",
    "checkin",
    "surveys",
    "outreach",
    "reports",
)
OPEN_TO_OTHERS = {"tables", "rules", "queries", "actions", "guards", "ledger", "audit"}
ALSO_OPEN: Mapping[str, str] = {
    "messaging.listing": "the list of messages, which the page of each event shows as well",
    "messaging.templates": "the words of built-in letters, which every feature declares for its own",
    "messaging.letter": "the shape of a letter, which every feature writes its own of",
    "messaging.incoming": "what a calendar answered, as the feature that made its entry takes it in",
    "programme.scopes": "for which events of a series a change is, as every form asks it",
    "accounts.granting": "where a right holds",
    "programme.steps": "where an event stands, and what its checklist finds",
    "accounts.trail_words": "what the actions of the audit trail are called",
    "messaging.reading": "a letter as it would be now: what has nothing left to say is not sent again",
    "messaging.words": "what the reasons and states of messages are called",
    "network.letters": "the emblems of projects, as pictures of a letter",
    "network.words": "what the codes of the network are called",
    "registration.announcements": "the form and the frame of a mail that staff write, which letters to groups share",
    "registration.unsubscribing": "the page behind an unsubscribe link, which invitations and letters to groups share",
    "registration.places": "how the places of an event are called",
    "registration.letter_samples": "how the letters look, for the pages that show them beforehand",
    "registration.words": "what the states and roles of registrations are called",
    "network.matching": "finding the organisation and person that someone's entries mean",
}

SLOPPY = """
import os
from datetime import datetime
def f(x):
    return x, datetime(2026, 9, 1)
"""


def tool(name: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / name, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )


def test_ruff_finds_nothing() -> None:
    done = tool("ruff", "check", "--quiet", ".")
    assert done.returncode == 0, done.stdout


def test_the_code_stands_as_the_formatter_has_it() -> None:
    done = tool("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_ruff_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "sloppy.py").write_text(SLOPPY)
    configuration = str(ROOT / "pyproject.toml")
    done = tool("ruff", "check", "--config", configuration, str(tmp_path))
    assert done.returncode == 1
    assert "DTZ001" in done.stdout, "a moment without a zone would be stored as UTC without a word"
    assert tool("ruff", "format", "--check", "--config", configuration, str(tmp_path)).returncode == 1


def test_mypy_finds_nothing() -> None:
    done = tool("mypy")
    assert done.returncode == 0, done.stdout


def test_mypy_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "sloppy.py").write_text(SLOPPY)
    done = tool("mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "sloppy.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "untyped" in done.stdout


def test_layers_and_entrances_are_kept() -> None:
    done = tool("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_a_broken_layer_would_be_found(tmp_path: Path) -> None:
    contract = """
[tool.importlinter]
root_packages = ["events"]
[[tool.importlinter.contracts]]
name = "turned round"
type = "layers"
layers = ["events.core", "events.reports"]
"""
    (tmp_path / "contract.toml").write_text(contract)
    done = tool("lint-imports", "--no-cache", "--config", str(tmp_path / "contract.toml"))
    assert done.returncode == 1
    assert "turned round BROKEN" in done.stdout


def imported(source: str) -> Iterator[str]:
    """The modules that a piece of code imports, as `package.module`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def private_parts_used(feature: str, source: str) -> list[str]:
    """What a feature's code imports of other features beside what they hold out."""
    found = []
    for name in imported(source):
        package, _, rest = name.partition(".")
        other, _, inside = rest.partition(".")
        if package == "events" and other in FEATURES and other != feature and not held_out(other, inside):
            found.append(f"{other}.{inside.partition('.')[0]}")
    return found


def held_out(feature: str, inside: str) -> bool:
    """Whether a module is for other features too: by its name, in the feature's folder or in that of a subject."""
    module, _, rest = inside.partition(".")
    inner = rest.partition(".")[0]
    return module in OPEN_TO_OTHERS or f"{feature}.{module}" in ALSO_OPEN or inner in OPEN_TO_OTHERS


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_uses_of_others_only_what_they_hold_out(feature: str) -> None:
    for path in sorted((ROOT / "events" / feature).rglob("*.py")):
        if "piccolo_migrations" not in path.parts:
            assert private_parts_used(feature, path.read_text()) == [], path


def test_a_look_into_another_feature_would_be_found() -> None:
    assert private_parts_used("surveys", "from events.registration.hot_path import REGISTER") == [
        "registration.hot_path"
    ]
    assert private_parts_used("surveys", "from events.registration import pages, rules") == ["registration.pages"]
    assert private_parts_used("surveys", "from events.registration.staff import pages, queries") == [
        "registration.staff"
    ]
    assert private_parts_used("surveys", "from events.surveys import pages") == []


@pytest.mark.parametrize("folder", ["events", "workers"])
def test_files_are_short_enough_to_be_read(folder: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "piccolo_migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 250
    }
    assert long == {}


TRAPS = {
    "gather": "fails inside a transaction, whose connection does one thing at a time",
    "TaskGroup": "as gather",
    "ensure_future": "as create_task, and takes no context",
    "get_or_create": "two at once make two",
    "batch": "opens a connection of its own and swallows exceptions",
    "on_conflict": "cannot name a partial index",
    "raw": "goes round the helpers of events.core.database, which try again and give up in time",
    "atomic": "leaks its connection when the commit fails",
    "run_sync": "runs a loop of its own, and a pool belongs to one loop",
}


def traps(source: str) -> list[str]:
    """What a piece of code calls, beside its own or a file's methods of that name, that Piccolo or asyncio do badly."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        keywords = {keyword.arg for keyword in node.keywords}
        if (
            name in TRAPS
            or (called.endswith("DB.transaction"))
            or (name == "save" and not node.args)  # writes every column; an image is saved to somewhere
            or (name == "create_task" and "context" not in keywords)  # the task would share our transaction
        ):
            found.append(called)
    return found


@pytest.mark.parametrize("folder", ["events", "workers"])
def test_the_traps_of_the_stack_are_walked_round(folder: str) -> None:
    found = {
        str(path.relative_to(ROOT)): calls
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "piccolo_migrations" not in path.parts and (calls := traps(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "call",
    [
        *(f"await x.{name}(y)" for name in TRAPS),
        *(f"{name}()" for name in TRAPS),
        "async with DB.transaction(): pass",
        "async with database.DB.transaction(): pass",
        "await person.save()",
        "await person.save(columns=[Person.name])",
        "asyncio.create_task(work())",
        "group.create_task(work(), name='x')",
    ],
)
def test_a_trap_would_be_found(call: str) -> None:
    assert len(traps(f"async def f():\n    {call}")) == 1


@pytest.mark.parametrize(
    "call", ["image.save(buffer, format='png')", "asyncio.create_task(work(), context=own)", "database.transaction()"]
)
def test_what_is_no_trap_is_let_through(call: str) -> None:
    assert traps(call) == []
