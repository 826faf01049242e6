"""Charts and PDFs, drawn in one child process: the libraries take 100 MiB that a web process need not hold.

The child starts at first need and leaves by itself when idle; a hung or broken one is ended and replaced.
"""

import asyncio
import atexit
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from html import escape
from typing import IO, Any, cast

from events.core.errors import Unavailable
from events.core.i18n import language
from events.core.paths import folder

IDLE = 120.0
"""Seconds after which an unused child leaves."""

PATIENCE = 30.0
"""Seconds for one drawing, the child's start included."""

CACHE_BYTES = 8 * 1024 * 1024

_ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')

_D3_LOCALES = {"fi": "fi-FI", "sv": "sv-SE", "en": "en-GB"}


class DrawingFailed(Unavailable):
    """A chart or PDF could not be drawn; `cause` is for the log."""

    code = "drawing_failed"

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class _Child:
    """The process and its pipes, for one thread at a time."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes) -> dict[str, str]:
        """Answer one request; a child that has left meanwhile is replaced once."""
        for _attempt in range(2):
            line = self._ask_once(request)
            if line.endswith(b"\n"):
                answer: dict[str, str] = json.loads(line)
                return answer
            self.stop()
        raise DrawingFailed("the drawing process ended or took too long")

    def _ask_once(self, request: bytes) -> bytes:
        process = self.process or self._start()
        kill = threading.Timer(PATIENCE, process.kill)
        kill.start()
        try:
            requests, answers = _pipes(process)
            requests.write(request + b"\n")
            requests.flush()
            return answers.readline()
        except OSError:
            return b""
        finally:
            kill.cancel()

    def _start(self) -> "subprocess.Popen[bytes]":
        # -P: a folder that happens to be the current one must not shadow our modules
        command = [sys.executable, "-P", "-m", "events.core.drawing_child", str(IDLE)]
        known = {name: value for name, value in os.environ.items() if not name.startswith("SIXNET_")}
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=known
        )
        return self.process

    def stop(self) -> None:
        """End the process and wait for it."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in _pipes(process):
            with suppress(OSError):  # what was left to write has nobody to read it
                pipe.close()


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    return cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)


_child = _Child()
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")
_cache: OrderedDict[bytes, dict[str, str]] = OrderedDict()


async def chart_svg(spec: Mapping[str, Any], *, label: str) -> str:
    """Draw a Vega-Lite `spec` as an SVG image named `label`, with numbers as the present language writes them.

    Colours may be `currentColor` or `var(--…)`. The data stand in the spec; nothing is fetched. Raises DrawingFailed.
    """
    request = {"kind": "chart", "spec": spec, "locale": _D3_LOCALES[language()], "fonts": str(folder("fonts"))}
    # inside an image nothing has a role of its own, and assistive technology would read out each bar's
    svg = _ROLES.sub("", (await _draw(request))["svg"])
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)


async def pdf(template: str, data: Mapping[str, Any], *, now: datetime, kept: bool = True) -> bytes:
    """Set `template` (a .typ file below templates/) with `data` as a tagged PDF/UA made at `now`.

    The data reach the template as `json(bytes(sys.inputs.data))`, never as markup; a sign that no font has becomes a
    square. What is not `kept` leaves no copy in memory: names. Raises DrawingFailed.
    """
    request = {"kind": "pdf", **_typeset(template, data), "timestamp": int(now.timestamp())}
    return base64.b64decode((await _draw(request, kept=kept))["pdf"])


async def png(template: str, data: Mapping[str, Any], *, ppi: int = 144) -> bytes:
    """Draw `template` with `data`, which makes one page, as a picture of `ppi` pixels to the inch; it is not kept."""
    request = {"kind": "png", **_typeset(template, data), "ppi": ppi}
    return base64.b64decode((await _draw(request, kept=False))["png"])


def _typeset(template: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"template": template, "data": data, "root": str(folder("templates")), "fonts": str(folder("fonts"))}


async def _draw(request: Mapping[str, Any], *, kept: bool = True) -> dict[str, str]:
    line = json.dumps(request).encode()
    key = hashlib.sha256(line).digest()
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    answer = await asyncio.get_running_loop().run_in_executor(_thread, _child.ask, line)
    if "error" in answer:
        raise DrawingFailed(answer["error"])
    if kept:
        _remember(key, answer)
    return answer


def _remember(key: bytes, answer: dict[str, str]) -> None:
    _cache[key] = answer
    while sum(len(text) for kept in _cache.values() for text in kept.values()) > CACHE_BYTES:
        _cache.popitem(last=False)


def close() -> None:
    """End the child; the next drawing starts another."""
    _thread.submit(_child.stop).result()


atexit.register(_child.stop)
