import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.core import drawing
from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import in_language
from tests.looks import width_of


def bars(*values: int) -> dict[str, Any]:
    return {
        "data": {"values": [{"name": f"n{i}", "value": value} for i, value in enumerate(values)]},
        "mark": {"type": "text", "color": "currentColor"},
        "encoding": {
            "y": {"field": "name", "type": "nominal"},
            "text": {"field": "value", "type": "quantitative", "format": ",d"},
        },
    }


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Nothing is drawn yet; the process that draws goes on, for each takes a second to start."""
    drawing._cache.clear()


@pytest.fixture(autouse=True, scope="module")
def ended() -> Iterator[None]:
    yield
    drawing.close()


def pid() -> int:
    assert drawing._child.process is not None
    return drawing._child.process.pid


async def test_a_chart_is_an_image_with_a_name_and_numbers_of_the_language() -> None:
    with in_language("fi"):
        svg = await chart_svg(bars(12345), label='Osallistumiset "2026"')
    assert svg.startswith('<svg role="img" aria-label="Osallistumiset &quot;2026&quot;"')
    assert "12\u00a0345" in svg
    assert "currentColor" in svg
    assert svg.count("role=") == svg.count("aria-") == 1
    assert "style=" not in svg, "the content security policy forbids inline style"


async def test_one_process_draws_many() -> None:
    await asyncio.gather(*(chart_svg(bars(n), label="x") for n in range(3)))
    first = pid()
    await chart_svg(bars(99), label="x")
    assert pid() == first


async def test_the_same_is_drawn_once() -> None:
    await chart_svg(bars(1), label="x")
    drawing.close()
    await chart_svg(bars(1), label="x")
    assert drawing._child.process is None


async def test_a_killed_process_is_replaced() -> None:
    await chart_svg(bars(1), label="x")
    first = pid()
    os.kill(first, signal.SIGKILL)
    await chart_svg(bars(2), label="x")
    assert pid() != first


async def test_a_hung_process_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    await chart_svg(bars(1), label="x")
    os.kill(pid(), signal.SIGSTOP)
    patience, start = drawing.PATIENCE, drawing._child._start

    def start_with_patience() -> subprocess.Popen[bytes]:
        monkeypatch.setattr(drawing, "PATIENCE", patience)
        return start()

    monkeypatch.setattr(drawing, "PATIENCE", 0.3)
    monkeypatch.setattr(drawing._child, "_start", start_with_patience)
    stopped = pid()
    await chart_svg(bars(2), label="x")
    assert pid() != stopped


async def test_an_idle_process_leaves_and_another_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing.close()
    monkeypatch.setattr(drawing, "IDLE", 0.3)
    await chart_svg(bars(1), label="x")
    assert drawing._child.process is not None
    assert await asyncio.to_thread(drawing._child.process.wait, 5) == 0
    await chart_svg(bars(2), label="x")
    drawing.close()


async def test_what_cannot_be_drawn_is_an_error_and_ends_nothing() -> None:
    with pytest.raises(DrawingFailed):
        await chart_svg({"mark": {"no": "mark"}}, label="x")
    await chart_svg(bars(1), label="x")


async def test_a_chart_fetches_nothing() -> None:
    with pytest.raises(DrawingFailed):
        await chart_svg({**bars(1), "data": {"url": "http://127.0.0.1:9/data.json"}}, label="x")


async def test_the_process_knows_no_secrets() -> None:
    drawing.close()
    await chart_svg(bars(1), label="x")
    environment = await asyncio.to_thread(Path(f"/proc/{pid()}/environ").read_bytes)
    assert b"SIXNET_" not in environment


@pytest.mark.parametrize("words", ["iiiiiiiiiiiiiii", "WWWWWWWWWWWWWWW", "Älykkäät koneet"])
async def test_words_take_the_room_that_they_have_in_our_own_font(words: str) -> None:
    """The library knows a font with a number in its name only in quotes, and reckons without it else."""
    wide = {
        "data": {"values": [{"name": words}]},
        "config": {"font": "Source Sans 3"},
        "width": 100,
        "mark": "rect",
        "encoding": {"y": {"field": "name", "axis": {"title": None, "labelFontSize": 20, "labelLimit": 0}}},
    }
    svg = await chart_svg(wide, label="x")
    around = float(svg.partition('width="')[2].partition('"')[0]) - width_of(words, 20)
    assert 100 < around < 130
    assert "font-family=\"'Source Sans 3'\"" in svg
