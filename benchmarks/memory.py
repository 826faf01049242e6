"""Memory of one web process, idle and right after load."""

from benchmarks.harness import Figure, children, resident_mib, wrk
from benchmarks.stage import SLUG, Stage

IDLE, LOADED = 150, 250
"""MiB of proportional set size that one web process may take."""


def idle(stage: Stage) -> list[Figure]:
    """Before anything was asked of it."""
    return [_figure("memory of one web process, idle", _largest(stage), IDLE)]


def loaded(stage: Stage) -> list[Figure]:
    """After pages have been served to 32 clients."""
    wrk(f"{stage.web_url}/events/{SLUG}", clients=32, seconds=3)
    return [_figure("memory of one web process, under load", _largest(stage), LOADED)]


def _largest(stage: Stage) -> float:
    return max(resident_mib(pid) for pid in [stage.web.pid, *children(stage.web.pid)])


def _figure(work: str, mib: float, most: int) -> Figure:
    return Figure(work, f"{mib:.0f} MiB", "", "", f"< {most} MiB", mib < most)
