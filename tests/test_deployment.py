"""What runs the service elsewhere names things that are there: compose.yaml, Dockerfile, .ci/run, the documents."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from events.cli import app
from events.core.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def commands() -> set[str]:
    command = get_command(app)
    return set(command.commands)  # type: ignore[attr-defined]


def test_compose_has_every_part_of_the_service() -> None:
    services = compose()["services"]
    assert set(services) == {"migrate", "web", "worker", "database", "rabbitmq", "mail", "caddy"}
    for name in ("migrate", "web", "worker"):
        assert services[name]["command"][0] in commands()
        assert services[name]["build"] == "."


def test_compose_sets_only_settings_that_exist() -> None:
    known = {f"SIXNET_{name.upper()}" for name in Settings.model_fields}
    assert set(compose()["services"]["web"]["environment"]) - known == set()


def test_compose_ships_no_secret() -> None:
    environment = compose()["services"]["web"]["environment"]
    assert environment["SIXNET_SECRET_KEY"].startswith("${SIXNET_SECRET_KEY:?")


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    last_stage = lines[[number for number, line in enumerate(lines) if line.startswith("FROM ")][-1] :]
    assert "USER sixnet" in last_stage
    assert last_stage.index("USER sixnet") < next(n for n, line in enumerate(last_stage) if line.startswith("CMD"))


def test_ci_runs_the_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text()
    assert "uv run pytest" in script.read_text()
    assert "uv run pytest" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_commands_settings_and_files_that_exist(document: Path) -> None:
    text = document.read_text()
    settings = {f"SIXNET_{name.upper()}" for name in Settings.model_fields} | {
        "SIXNET_PREBUILT_ASSETS",
        "SIXNET_PICTURES",
    }
    assert set(re.findall(r"SIXNET_[A-Z_]*[A-Z]", text)) - settings == set()
    assert set(re.findall(r"`(?:uv run )?sixnet ([a-z]+)", text)) - commands() == set()
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (document.parent / link).exists(), link


def test_every_setting_is_in_the_operations_guide() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in Settings.model_fields if f"SIXNET_{name.upper()}" not in guide] == []


def test_every_tested_version_is_written_down() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pinned = {line.partition("==")[0] for line in configuration["tool"]["uv"]["constraint-dependencies"]}
    wanted = [*configuration["project"]["dependencies"], *configuration["dependency-groups"]["dev"]]
    assert {re.split(r"[\[~=<>]", line)[0] for line in wanted} - pinned == set()
    assert all("==" in line for line in configuration["tool"]["uv"]["build-constraint-dependencies"])


def test_nothing_names_a_registry() -> None:
    """A clone must install from whatever index the machine is set up for."""
    named = [
        str(path.relative_to(ROOT))
        for path in [ROOT / "pyproject.toml", ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / ".ci" / "run"]
        if re.search(r"index-url|docker\.io", path.read_text())
    ]
    assert named == []
