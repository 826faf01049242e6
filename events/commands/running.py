"""`sixnet demo`, `serve`, `worker` and `migrate`: what runs, and what the user is told about it."""

import asyncio
import errno
import os
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

import typer

from events.core import address, clock, database, settings
from events.core.errors import ServiceError
from events.ground import Ground, bring_up_to_date, ground, on_ground
from events.supervisor import Child, NotStarted, Stop, supervise

LOOPBACK = "127.0.0.1"
ANY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound


def demo(port: int, stop: Stop, *, browser: bool) -> None:
    """Serve the demo programme until a signal; what the processes log goes to a file in the data directory."""
    if settings.get_settings().database_url:
        raise ServiceError("The demo keeps its people in a database of its own: unset SIXNET_DATABASE_URL for it.")
    port = free_port(LOOPBACK, port)
    _say("SIXNET demo: starting …")
    with ground() as settled:
        if settled.notice:
            _say(settled.notice)
        url = _settle_address(LOOPBACK, port)
        asyncio.run(_prepare(settled, url, with_demo=True))
        log = settings.get_settings().data_dir / "demo.log"
        children = [_web(LOOPBACK, port, 1), *_worker(1, 4, late=True)]
        with log.open("ab") as output:
            _run(children, stop, LOOPBACK, port, output=output, log=log, when_up=lambda: _show(url, log, browser))
        _say("Stopped.")


def serve(host: str, port: int, web_workers: int, stop: Stop, *, with_worker: bool) -> None:
    """Serve until a signal."""
    port = free_port(host, port)
    with ground() as settled, _metrics_folder(web_workers):
        if settled.notice:
            typer.echo(settled.notice, err=True)
        url = _settle_address(host, port)
        asyncio.run(_prepare(settled, url))
        children = [_web(host, port, web_workers), *(_worker(1, 4, late=True) if with_worker else [])]
        _run(children, stop, host, port, when_up=lambda: _say(f"SIXNET serves {url}"))


def worker(processes: int, threads: int, stop: Stop) -> None:
    """Work until a signal."""
    with ground() as settled:
        asyncio.run(_prepare(settled, None))
        supervise(_worker(processes, threads), stop, say=_say, when_up=lambda: _say("SIXNET works off its jobs."))


def migrate() -> None:
    """Bring the database up to date, the embedded one or one's own."""
    from events import migrate as migrations  # noqa: PLC0415 - takes a second to load

    async def work(settled: Ground) -> None:
        missing = await migrations.pending()
        await migrations.migrate(settled.url)
        typer.echo(f"Applied {len(missing)} migrations." if missing else "The database is up to date.")

    on_ground(work, check=False)


def free_port(host: str, port: int) -> int:
    """Return `port`, or a free one for 0; raises ServiceError when it is taken or not ours to use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ServiceError(f"Port {port} is in use: choose another with --port.") from error
            raise ServiceError(f"{host}, port {port}, cannot be listened on: {error.strerror or error}.") from error
        found: int = probe.getsockname()[1]
        return found


def _settle_address(host: str, port: int) -> str:
    known = settings.get_settings().public_url
    if known:
        return known
    name = LOOPBACK if host in ANY_ADDRESS else host
    url = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    settings.override(public_url=url)
    return url


async def _prepare(settled: Ground, url: str | None, *, with_demo: bool = False) -> None:
    async with database.pooled(settled.url, size=4):
        await bring_up_to_date(settled)
        if with_demo:
            from events.demo.load import load  # noqa: PLC0415 - for this one command

            await load(clock.now())
        if url is not None:
            await address.note_public_url(url, clock.now())


def _web(host: str, port: int, workers: int) -> Child:
    return Child("web", "events.server", ("--host", host, "--port", str(port), "--workers", str(workers)))


def _worker(processes: int, threads: int, *, late: bool = False) -> list[Child]:
    # Late: beside the web pages they would only slow down its start.
    arguments = ("--processes", str(processes), "--threads", str(threads))
    return [Child("worker", "workers.main", arguments, late=late), Child("tick", "workers.tick", late=late)]


def _run(
    children: list[Child],
    stop: Stop,
    host: str,
    port: int,
    *,
    output: IO[bytes] | None = None,
    log: Path | None = None,
    when_up: Callable[[], None],
) -> None:
    try:
        supervise(
            children,
            stop,
            output=output,
            is_up=lambda: _answers(host, port),
            when_up=when_up,
            say=_say,
        )
    except NotStarted as error:
        where = f"; see {log}" if log else ""
        raise ServiceError(f"The {error.name} process did not start{where}.") from error


def _answers(host: str, port: int) -> bool:
    connection = HTTPConnection(LOOPBACK if host in ANY_ADDRESS else host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200  # noqa: PLR2004
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def _metrics_folder(web_workers: int) -> Iterator[None]:
    """Let several web processes count into one place, so that /metrics speaks for all of them."""
    if web_workers == 1 or "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="sixnet-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


def _show(url: str, log: Path, browser: bool) -> None:
    from events.demo.staff import SIGN_INS  # noqa: PLC0415

    rows = "\n".join(f"    {one.role:<12} {one.email:<28} {one.password}" for one in SIGN_INS)
    _say(
        f"""
SIXNET is running with its demo programme.

    Public pages   {url}/
    Staff          {url}/staff/
    Door           {url}/door/
    API            {url}/api/v1/openapi.json

Sign in at {url}/staff/sign-in (demo only):

{rows}

Log: {log}
Stop with Ctrl-C.
"""
    )
    if browser and sys.stdout.isatty() and _has_screen():
        webbrowser.open(f"{url}/")


def _has_screen() -> bool:
    """Whether a browser would open in a window; without one it might take over the terminal."""
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
