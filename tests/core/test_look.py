"""The look, checked on specimen pages in the system's Chromium under the strict content policy."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.core import specimen

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
MODES = ["light", "dark"]
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

CONTRAST = """([front, back]) => {
  const light = (colour) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, bright] = [light(front), light(back)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        policy = "default-src 'self'; img-src 'self' data:"
        if self.path.startswith("/door"):
            policy += "; script-src 'self' 'wasm-unsafe-eval'"
        self.send_header("Content-Security-Policy", policy)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("specimen")
    list(specimen.write(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page(viewport={"width": 1200, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    assert complaints == []


async def violations(page: Page, options: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    results = await Axe().run(page, options=options)
    return [
        (violation["id"], node["html"], node["failureSummary"])
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", ["form", "door"])  # what no page of the demo shows: every error, every verdict
async def test_axe_finds_nothing_in_light_nor_dark(page: Page, site: str, name: str) -> None:
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.goto(f"{site}/{name}.html")
    assert await violations(page, RULES) == []
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert await violations(page, {"runOnly": ["color-contrast"]}) == []


async def test_no_page_needs_sideways_scrolling_at_320_pixels(page: Page, site: str) -> None:
    await page.set_viewport_size({"width": 320, "height": 600})
    for name in specimen.PAGES:
        await page.goto(f"{site}/{name}.html")
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, name


@pytest.mark.parametrize("mode", MODES)
async def test_the_border_of_a_control_stands_out_by_three_to_one(page: Page, site: str, mode: str) -> None:
    """WCAG 1.4.11, which axe does not see."""
    await page.emulate_media(color_scheme=mode, reduced_motion="reduce")
    await page.goto(f"{site}/form.html")
    ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    for control in ("#postcode", "#municipality", "#wishes", "#size-0", "#themes-0", "#email"):
        border = await page.locator(control).evaluate("control => getComputedStyle(control).borderTopColor")
        assert await page.evaluate(CONTRAST, [border, ground]) >= 3, control


@pytest.mark.parametrize("mode", MODES)
async def test_what_has_the_focus_is_ringed_in_a_colour_that_stands_out(page: Page, site: str, mode: str) -> None:
    await page.emulate_media(color_scheme=mode, reduced_motion="reduce")
    await page.goto(f"{site}/front.html")
    ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    for _ in range(12):
        await page.keyboard.press("Tab")
        style, width, colour = await page.evaluate(
            """() => { const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
            return [outlineStyle, parseFloat(outlineWidth), outlineColor]; }"""
        )
        assert (style, width) == ("solid", 3)
        assert await page.evaluate(CONTRAST, [colour, ground]) >= 3


async def test_the_error_summary_takes_the_focus_and_leads_to_each_field(page: Page, site: str) -> None:
    await page.goto(f"{site}/form.html")
    await expect(page.locator("#error-summary")).to_be_focused()
    for link in await page.locator("#error-summary a").all():
        target = await link.get_attribute("href")
        await link.click()
        await expect(page.locator(target or "")).to_be_focused()


async def test_a_field_names_its_hint_and_its_error(page: Page, site: str) -> None:
    await page.goto(f"{site}/form.html")
    field = page.get_by_label("Sähköposti")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(
        "Vahvistus ja lippu lähetetään tähän osoitteeseen. Kirjoita sähköpostiosoitteesi."
    )
    await expect(page.get_by_label("Etunimi")).to_have_attribute("autocomplete", "given-name")
    await expect(page.get_by_label("Postinumero")).not_to_have_attribute("aria-invalid", "true")


def press_enter(page: Page) -> Callable[[], Awaitable[None]]:
    return lambda: page.get_by_label("Etunimi").press("Enter")


async def test_the_language_switch_of_a_form_sends_what_was_typed_and_enter_does_not_switch(
    page: Page, site: str
) -> None:
    for press, language in ((page.get_by_role("button", name="Svenska").click, ["sv"]), (press_enter(page), None)):
        await page.unroute_all()
        await page.goto(f"{site}/form.html")
        await page.get_by_label("Etunimi").fill("Aino")
        await page.route("**/form.html", lambda route: route.fulfill(status=204))
        async with page.expect_request(lambda request: request.method == "POST") as sent:
            await press()
        fields = parse_qs((await sent.value).post_data or "")
        assert (fields["given_name"], fields.get("_language")) == (["Aino"], language)


async def test_a_printed_ticket_is_the_ticket_alone(page: Page, site: str) -> None:
    await page.goto(f"{site}/ticket.html")
    await expect(page.get_by_role("button", name="Tulosta")).to_be_visible()
    await page.emulate_media(media="print")
    for hidden in (".site-nav", ".languages", ".site-footer", ".buttons"):
        await expect(page.locator(hidden)).to_be_hidden()
    await expect(page.locator(".ticket .qr svg")).to_be_visible()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("name", specimen.PAGES)
def test_every_page_renders_in_every_language(name: str, language: str) -> None:
    assert f'<html lang="{language}">' in specimen.render(name, language)
