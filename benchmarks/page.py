"""The public event page against a bare hello on the same server."""

from benchmarks.harness import Figure, wrk
from benchmarks.stage import SLUG, Stage

TARGET = 0.5
ROUNDS = 3


def measure(stage: Stage) -> list[Figure]:
    """Take turns, so that a noisy neighbour hits both; the best round of each counts."""
    address = f"{stage.web_url}/events/{SLUG}"
    wrk(address, clients=32, seconds=1)
    pages = [(wrk(address, clients=32), wrk(stage.hello_url, clients=32)) for _ in range(ROUNDS)]
    page = max((page for page, _ in pages), key=lambda load: load.rate)
    hello = max((hello for _, hello in pages), key=lambda load: load.rate)
    ratio = page.rate / hello.rate
    return [
        Figure(
            "event page",
            f"{page.rate:,.0f}/s, median {page.median:.1f} ms, {page.errors} errors",
            f"hello {hello.rate:,.0f}/s",
            f"{ratio:.0%}",
            f"≥ {TARGET:.0%}",
            ratio >= TARGET and not page.errors,
        )
    ]
