"""What axe and a narrow screen say of a page; its context is opened with `reduced_motion`, or colours are still fading."""

from pathlib import Path
from typing import Literal

import axe_playwright_python
from playwright.async_api import Page

WIDTHS = (1280, 320)
"""CSS pixels: a desk, and the same at 400 % zoom, which is narrower than any phone (WCAG 1.4.10)."""

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECKED: tuple[tuple[Literal["light", "dark"], dict[str, object]], ...] = (
    ("light", {"runOnly": WCAG, "resultTypes": ["violations"]}),
    ("dark", {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}),
)
"""By night only what depends on colours can differ."""


async def looks_right(page: Page, path: str, *, by_night: bool = True) -> list[str]:
    """Return what is wrong with a page: what axe finds by day and by night, what is wider than the screen."""
    wrong = []
    await page.evaluate("document.fonts.ready.then(() => true)")
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide:
            wrong.append(f"{path} is {wide} px too wide at {width} px")
    await page.evaluate(AXE)
    for scheme, options in CHECKED if by_night else CHECKED[:1]:
        await page.emulate_media(color_scheme=scheme)
        found = await page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
        wrong += [
            f"{path} ({scheme}): {rule['help']}: {node['html']}: {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]
    await page.emulate_media(color_scheme="light")
    return wrong
