"""A person without a mouse: Tab, arrows, Space, Enter and typing; at every stop one must see where one is."""

from typing import Any

from playwright.async_api import Locator, Page, expect

STOP = """(target) => {
  let at = document.activeElement;
  // In a frame of ours it is what has the focus there; a frame's own edges are those of its page.
  while (at?.contentDocument) at = at.contentDocument.activeElement;
  const { outlineStyle, outlineWidth, opacity } = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const { innerWidth, innerHeight } = at.ownerDocument.defaultView;
  const lost = at === at.ownerDocument.body;
  const points = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.9]].map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
  const shown = points.some(([x, y]) => {
    const top = at.ownerDocument.elementFromPoint(x, y);
    return top && (at.contains(top) || top.contains(at));
  });
  return {
    there: at === target,
    lost,
    what: `<${at.localName}> ${(at.getAttribute("aria-label") ?? at.innerText ?? "").trim().slice(0, 60) || at.name || at.id}`,
    ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && Number(opacity) > 0,
    seen: box.width > 0 && box.height > 0 && shown
      && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
  };
}"""
"""What has the focus: whether it is what we look for, what it is, whether its ring and itself are seen."""


class Keyboard:
    """The keys of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def to(self, target: Locator, *, within: int = 30, back: bool = False) -> None:
        """Go to something by Tab (by Shift+Tab `back`), in no more than `within` steps."""
        element = await target.element_handle()
        passed: list[str] = []
        for _step in range(within):
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            stop: dict[str, Any] = await self.page.evaluate(STOP, element)
            passed.append(stop["what"])
            assert stop["lost"] or (stop["ring"] and stop["seen"]), f"one does not see where one is: {stop}"
            if stop["there"]:
                return
        raise AssertionError(f"{target} is further away than {within} steps: {passed}")

    async def skip_to_content(self) -> None:
        """Take the first link of the page, past header and menus."""
        link = self.page.locator(".skip-link")
        await self.to(link, within=1)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("main")).to_be_focused()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def write(self, target: Locator, text: str, **how: Any) -> None:
        """Go to a field and type; of a date the digits, in the order of the browser's language."""
        await self.to(target, **how)
        await self.page.keyboard.type(text)

    async def tick(self, target: Locator, **how: Any) -> None:
        await self.to(target, **how)
        await self.press("Space")
        await expect(target).to_be_checked()

    async def go(self, target: Locator, **how: Any) -> None:
        """Go to a link or a button and press Enter; waits for the page that follows."""
        await self.to(target, **how)
        await self.enter()

    async def enter(self) -> None:
        async with self.page.expect_navigation():
            await self.press("Enter")
