import io
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from events.core import drawing
from tests.factories import NOW

KITCHEN = "registration/kitchen.typ"


def kitchen(title: str) -> dict[str, Any]:
    return {
        "language": "fi",
        "title": title,
        "when": "1.9.2026",
        "made": "1.9.2026",
        "ordered": "",
        "headings": ["Mitä", "Nyt", "Tilattu", "Ero"],
        "tables": [],
    }


async def read(title: str) -> str:
    made = await drawing.pdf(KITCHEN, kitchen(title), now=NOW)
    return PdfReader(io.BytesIO(made)).pages[0].extract_text()


@pytest.mark.parametrize("title", ["čđŋšŧž ČĐŊŠŦŽ åäö ÅÄÖ", "ǥ ʒ ǯ", "Жж Ωω", "دين", "שלום"])
async def test_every_script_that_a_font_has_comes_out_of_the_pdf_again(title: str) -> None:
    found = await read(title)
    assert set(title) <= set(found), "right to left the order of words is the reader's"


async def test_a_sign_that_no_font_has_is_a_square_and_refuses_no_pdf() -> None:
    assert "Pähkinä □ ja □□" in await read("Pähkinä 🥜 ja 日本")


async def test_what_pdf_forbids_and_nobody_sees_refuses_no_pdf() -> None:
    assert "Aamupala" in await read("Aamu\N{ZERO WIDTH NO-BREAK SPACE}pala")


async def test_what_looks_like_markup_is_text() -> None:
    wild = '#panic("x") *a* _b_ $c$ [d] \\ e'
    assert wild in await read(wild)


async def test_what_is_not_to_be_kept_is_not() -> None:
    drawing._cache.clear()
    await drawing.pdf(KITCHEN, kitchen("Aino"), now=NOW, kept=False)
    assert not drawing._cache
    await drawing.pdf(KITCHEN, kitchen("Aino"), now=NOW)
    assert drawing._cache


async def test_a_page_can_be_a_picture() -> None:
    picture = Image.open(io.BytesIO(await drawing.png(KITCHEN, kitchen("🥜"), ppi=72)))
    assert (picture.format, picture.size) == ("PNG", (595, 842))
