from pathlib import Path

import asyncpg
import httpx
from playwright.async_api import expect

from tests.journeys.camera import film
from tests.journeys.conftest import Launch


async def test_the_front_page_opens_in_a_browser(server_url: str, chromium: Launch) -> None:
    page = await (await chromium()).new_page(locale="fi-FI")
    await page.goto(server_url)
    await expect(page.locator("html")).to_have_attribute("lang", "fi")


async def test_the_fake_camera_shows_our_film(server_url: str, chromium: Launch, tmp_path: Path) -> None:
    page = await (await chromium(camera=film(tmp_path / "wall.mjpeg", [""]))).new_page()
    await page.goto(server_url)
    pixel = await page.evaluate(
        """async () => {
            const video = document.createElement("video");
            video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
            await video.play();
            const canvas = new OffscreenCanvas(1, 1).getContext("2d");
            canvas.drawImage(video, 0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
        }"""
    )
    assert all(abs(seen - wanted) < 15 for seen, wanted in zip(pixel, (150, 150, 145, 255), strict=True))


async def test_the_server_answers_from_the_tests_own_database(server_url: str, committed_db: str) -> None:
    connection = await asyncpg.connect(committed_db)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{server_url}/readyz")).status_code == 200
    try:
        held = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    assert held > 1
