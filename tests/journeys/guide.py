"""Walking a guide: its words in **bold** are what is pressed, filled in and looked for, its pictures what is taken.

So the walk is the same in every language, and a guide that names something which is not on the page cannot be walked.
"""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page, expect

PRESSED = "a, button, summary"
SHOWN = re.compile(r"\*\*(?P<words>.+?)\*\*|!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]+)\)")
COLOURS = 128
MOST_BYTES = 150_000
MARGIN = 14
"""Pixels around what a picture shows."""


# A picture must not change with the machine that takes it. Browsers write dates as their system does, and the one that takes
# the pictures knows one language alone; the service has another port in each run.
SETTLE = """([locale, address]) => {
  for (const input of document.querySelectorAll("input[type=date], input[type=time]")) {
    const { backgroundImage, backgroundPosition, backgroundSize, backgroundRepeat } = getComputedStyle(input);
    const day = input.type === "date";
    const at = new Date(day ? `${input.value}T12:00` : `2026-01-01T${input.value}`);
    const plain = input.cloneNode();
    plain.type = "text";
    plain.value = !input.value ? "" : day ? at.toLocaleDateString(locale)
      : at.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
    Object.assign(plain.style, { backgroundImage, backgroundPosition, backgroundSize, backgroundRepeat });
    input.replaceWith(plain);
    plain.real = input;
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.includes(location.origin)) text.data = text.data.replace(location.origin, address);
  }
  document.activeElement?.blur();
  scrollTo(0, 0);
  return document.fonts.ready.then(() => null);
}"""
GO_ON = """() => {
  for (const plain of document.querySelectorAll("input[type=text]")) if (plain.real) plain.replaceWith(plain.real);
}"""
ADDRESS = "https://sixnet.example"


class Shown(NamedTuple):
    """What a guide shows: words of the screen, or the name of a picture (`picture`); and the line where it stands."""

    words: str
    picture: bool
    line: int


def read(path: Path) -> list[Shown]:
    """Return what a guide shows, in the order in which one reads it; a picture without words for it is an error."""
    found = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert text.count("**") % 2 == 0, f"{path.name}:{line}: words in bold go on in the next line"
        for match in SHOWN.finditer(text):
            assert match["words"] or match["alt"], f"{path.name}:{line}: a picture without words"
            found.append(Shown(match["words"] or match["file"], match["words"] is None, line))
    return found


class Walk:
    """Goes through a guide with a browser; each deed takes the next words in bold."""

    def __init__(self, page: Page, guide: Path, folder: Path, *, shown_from: str, locale: str) -> None:
        self.page = page
        self.taken: list[Path] = []
        self._guide, self._folder, self._shown_from, self._locale = guide, folder, shown_from, locale
        self._rest = read(guide)

    async def press(self, within: Locator | None = None, *, begins: bool = False) -> None:
        """Press the link or button of that name; with `begins`, of a name that begins so."""
        await self._named(self._words(), PRESSED, within, begins=begins).click()

    async def opens(self, within: Locator | None = None) -> None:
        """Press and wait for the page that follows."""
        async with self.page.expect_navigation(wait_until="domcontentloaded"):
            await self.press(within)

    async def sees(self, within: Locator | None = None) -> None:
        """Find the words on the page: a heading, a label, a button, a link, a note."""
        words = self._words()
        await expect((within or self.page).get_by_text(_exactly(words)).filter(visible=True).first).to_be_visible()

    async def write(self, text: str, within: Locator | None = None) -> None:
        """Fill in the field of that name."""
        await self._field(self._words(), within).fill(text)

    async def tick(self, within: Locator | None = None) -> None:
        """Tick the box, or choose the answer, of that name."""
        await self._field(self._words(), within).check()

    async def choose(self, within: Locator | None = None) -> None:
        """Choose in the list of that name what the next words say."""
        await self._field(self._words(), within).select_option(label=self._words())

    def card(self) -> Locator:
        """Return the card of that name."""
        heading = self.page.locator(":is(h2, h3)", has_text=_beginning(self._words()))
        return self.page.locator("section.card, .card").filter(has=heading)

    async def picture(
        self, name: str, of: Locator | None = None, *, since: Locator | None = None, until: Locator | None = None
    ) -> None:
        """Take the picture that the guide shows here: of the page's content or a part of it, or of what lies between."""
        shown = self._next(picture=True)
        file = f"{name}.png"
        assert shown.words == f"{self._shown_from}/{file}", self._at(shown, f"the walk takes {file} here")
        await self.page.evaluate(SETTLE, [self._locale, ADDRESS])
        of = of or self.page.locator("main")
        left, top, right, bottom = await _edges(of)
        top = (await _edges(since))[1] if since else top
        bottom = (await _edges(until))[3] if until else bottom + MARGIN  # below the last row begins the next
        clip = FloatRect(x=max(0, left - MARGIN), y=max(0, top - MARGIN), width=0, height=0)
        clip["width"], clip["height"] = right + MARGIN - clip["x"], bottom - clip["y"]
        shot = await self.page.screenshot(clip=clip, full_page=True, animations="disabled")
        await self.page.evaluate(GO_ON)
        self.taken.append(self._folder / file)
        Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS).save(self.taken[-1])
        assert self.taken[-1].stat().st_size < MOST_BYTES, f"{file} is too large: show less"

    def ends(self) -> None:
        """The guide shows nothing more."""
        assert self._rest == [], self._at(self._rest[0], "the walk does not come here")

    def _words(self) -> str:
        return self._next(picture=False).words

    def _next(self, *, picture: bool) -> Shown:
        assert self._rest, f"{self._guide.name} ends before the walk does"
        shown = self._rest.pop(0)
        assert shown.picture == picture, self._at(shown, f"the walk has {'a picture' if picture else 'a deed'} here")
        return shown

    def _at(self, shown: Shown, problem: str) -> str:
        return f"{self._guide.name}:{shown.line}: {shown.words}: {problem}"

    def _named(self, words: str, kinds: str, within: Locator | None, *, begins: bool = False) -> Locator:
        pattern = _beginning(words) if begins else _exactly(words)
        return (within or self.page).locator(kinds).filter(visible=True, has_text=pattern)

    def _field(self, words: str, within: Locator | None) -> Locator:
        return (within or self.page).get_by_label(_exactly(words)).filter(visible=True)


async def _edges(of: Locator) -> tuple[float, float, float, float]:
    box = await of.bounding_box()
    assert box, of
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def _beginning(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}(\s|:|$)")


def _exactly(words: str) -> re.Pattern[str]:
    """Those words and nothing more, beside the mark of what must be filled in and the number of what is behind a link."""
    return re.compile(rf"^\s*{re.escape(words)}(\s*\*|\s*\(\d+[^)]*\))?\s*$")


def pictures(paths: Sequence[Path]) -> list[str]:
    return sorted(path.name for path in paths)
