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
    ("light", {"runOnly": WCAG}),
    ("dark", {"runOnly": {"type": "rule", "values": ["color-contrast"]}}),
)
"""By night only what depends on colours can differ."""

WIDE = """() => document.fonts.ready.then(
  () => document.documentElement.scrollWidth - document.documentElement.clientWidth)"""

FOUND = """async (options) => {
  // A table's rows repeat their colours, and contrast takes axe longer than all else: each look is measured once.
  const looks = new Map(), look = new WeakMap();
  for (const element of document.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const key = JSON.stringify([
      look.get(element.parentElement), element.localName, element.className, element.checkVisibility(),
      element.matches(":disabled, [aria-disabled=true]"),
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()),
      style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.textShadow, style.position,
      style.fontSize, style.fontWeight,
    ]);
    element.toggleAttribute("data-first", !looks.has(key));
    if (!looks.has(key)) looks.set(key, looks.size);
    look.set(element, looks.get(key));
  }
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-first]" }] });
  // Frames are left out: they hold mails, not pages, and axe would wait half a second for an answer from each.
  return (await axe.run(document, { ...options, resultTypes: ["violations"], iframes: false })).violations;
}"""


async def load_axe(page: Page) -> None:
    """Load axe unless the page has it: reading it takes as long as asking it half of its questions."""
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(AXE)


async def looks_right(page: Page, path: str, *, by_night: bool = True) -> list[str]:
    """Return what is wrong with a page: what axe finds by day and by night, what is wider than the screen."""
    wrong = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        if wide := await page.evaluate(WIDE):
            wrong.append(f"{path} is {wide} px too wide at {width} px")
    await load_axe(page)
    for scheme, options in CHECKED if by_night else CHECKED[:1]:
        await page.emulate_media(color_scheme=scheme)
        wrong += [
            f"{path} ({scheme}): {rule['help']}: {node['html']}: {node['failureSummary']}"
            for rule in await page.evaluate(FOUND, options)
            for node in rule["nodes"]
        ]
    await page.emulate_media(color_scheme="light")
    return wrong
