"""Running the `sixnet` command as its users do: in a process of its own, in a group of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PATIENCE = 120.0
"""Seconds for something to happen on a busy machine."""


def wait_for(condition: Callable[[], object], what: str = "it", seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:g} s"
        time.sleep(0.05)


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIXNET_", "PG"))}
    return (
        kept | {"SIXNET_DATA_DIR": str(data_dir)} | {f"SIXNET_{key.upper()}": value for key, value in settings.items()}
    )


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "events.cli", *arguments]


def run(*arguments: str, env: Mapping[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), env=env, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


class Running:
    """A command that runs until it is told to stop; `said` is what it wrote so far."""

    def __init__(self, *arguments: str, env: Mapping[str, str], out: Path) -> None:
        self.out = out
        self.data_dir = Path(env["SIXNET_DATA_DIR"])
        with out.open("wb") as file:
            self.process = subprocess.Popen(
                command(*arguments), env=env, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    def wait_until_it_says(self, text: str) -> None:
        wait_for(lambda: text in self.said or self.process.poll() is not None, f"{text!r} in {self.said!r}")
        assert text in self.said

    @property
    def url(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said)
        assert found
        return found[0]

    def signal_group(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def left_behind(self) -> list[str]:
        """The command lines of processes that still have this command's data directory in their environment."""
        mark = f"SIXNET_DATA_DIR={self.data_dir}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                    found.append((folder / "cmdline").read_text().replace("\0", " "))
        return found


@contextlib.contextmanager
def running(*arguments: str, env: Mapping[str, str], out: Path) -> Iterator[Running]:
    """Run a command for a block; whatever is left of it afterwards is stopped."""
    started = Running(*arguments, env=env, out=out)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGTERM)
            try:
                started.process.wait(30)
            except subprocess.TimeoutExpired:
                started.process.kill()
                started.process.wait()
