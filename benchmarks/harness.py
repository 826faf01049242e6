"""What the measurements share: a durable cluster, a served application, load from wrk and a floor from pgbench."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SECONDS = 5
CLIENTS = (4, 8, 16, 32)


@dataclass(frozen=True)
class Figure:
    """One line of the table; `ratio` is measured / floor where there is one."""

    work: str
    measured: str
    floor: str
    ratio: str
    target: str
    met: bool


class Skipped(Exception):
    """A measurement that cannot be made here, with its reason."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], url: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; waits until it answers."""
    log = tempfile.NamedTemporaryFile(prefix="sixnet-bench-", suffix=".log", delete=False)  # noqa: SIM115 - outlives us
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        wait_for(url, process, log.name)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: str) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {Path(log).read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}")


@dataclass(frozen=True)
class Load:
    """What wrk saw: requests a second, latencies in milliseconds, answers that were no success."""

    rate: float
    median: float
    p99: float
    errors: int


def wrk(url: str, *, clients: int, script: str | None = None, seconds: int = SECONDS, **variables: str) -> Load:
    """Load one URL; `script` is a Lua file of `load/`."""
    program = shutil.which("wrk")
    if program is None:
        raise Skipped("wrk is not installed")
    command = [program, "-t2", f"-c{clients}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    if script:
        command += ["-s", str(HERE / "load" / script)]
    done = subprocess.run([*command, url], env={**os.environ, **variables}, capture_output=True, text=True, check=True)
    return _read_wrk(done.stdout)


def _read_wrk(said: str) -> Load:
    def milliseconds(label: str) -> float:
        found = re.search(rf"^\s*{label}\s+([\d.]+)(us|ms|s)", said, re.MULTILINE)
        if not found:
            return float("nan")
        return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]

    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    socket_errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    errors = int(bad[1]) if bad else 0
    errors += sum(map(int, socket_errors.groups())) if socket_errors else 0
    return Load(float(rate[1]) if rate else 0.0, milliseconds("50%"), milliseconds("99%"), errors)


def pgbench(program: Path, url: str, script: str, *, clients: int, seconds: int = SECONDS, **variables: str) -> float:
    """Run a floor's SQL file with prepared statements; returns transactions a second."""
    given = [f"-D{name}={value}" for name, value in variables.items()]
    command = [str(program), "-n", "-Mprepared", "-j2", f"-c{clients}", f"-T{seconds}", *given]
    done = subprocess.run(
        [*command, "-f", str(HERE / "floor" / script), url], capture_output=True, text=True, check=True
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    return float(found[1]) if found else 0.0


@dataclass(frozen=True)
class Compared:
    """Loads and floors by their number of clients."""

    loads: dict[int, Load]
    floors: dict[int, float]

    @property
    def best(self) -> int:
        """The number of clients at which the service did most."""
        return max(self.loads, key=lambda clients: self.loads[clients].rate)

    @property
    def floor(self) -> int:
        """The number of clients at which the floor did most."""
        return max(self.floors, key=lambda clients: self.floors[clients])

    @property
    def ratio(self) -> float:
        return self.loads[self.best].rate / self.floors[self.floor]

    @property
    def errors(self) -> int:
        return sum(load.errors for load in self.loads.values())


def compare(load: Callable[[int], Load], floor: Callable[[int], float]) -> Compared:
    """Take turns, so that a noisy neighbour hits both; what comes first, on cold connections, does not count."""
    load(max(CLIENTS))
    floors, loads = {}, {}
    for clients in CLIENTS:
        floors[clients] = floor(clients)
        loads[clients] = load(clients)
    return Compared(loads, floors)


def resident_mib(pid: int) -> float:
    """Memory of one process in MiB, pages shared with others counted in their share."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")


def children(pid: int) -> list[int]:
    """All processes below one."""
    direct = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return direct + [deeper for child in direct for deeper in children(child)]


def post(url: str, body: object, token: str) -> object:
    """One call of the API, to see that it works before it is measured."""
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


PYTHON = sys.executable
