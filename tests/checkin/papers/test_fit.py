"""Text in the templates never leaves its room, whatever it says (templates/checkin/papers/_fit.typ)."""

import json
from importlib.resources import files

import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.core.paths import folder

FITS = b"""
#import "/checkin/papers/_fit.typ": fitted, line-height
#let (words, wide, high, largest) = json(bytes(sys.inputs.given))
#set text(font: "Source Sans 3", weight: "bold")
#let set-text = if sys.inputs.shrinks == "yes" { fitted(words, wide * 1mm, high * 1mm, largest * 1pt) } else {
  text(size: largest * 1pt, words)
}
#context {
  let (width, height) = measure(set-text)
  assert(width <= wide * 1mm, message: "too wide")
  assert(height <= high * 1mm + 0.001pt, message: "too high")
  let here = measure(block(width: wide * 1mm, set-text))
  assert(here.height <= height + 0.001pt, message: "a line broke once more")
}
#set-text
"""
EMBLEM = list((files("events.network") / "data" / "eu.png").read_bytes())
FONTS = typst.Fonts(include_system_fonts=False, font_paths=[str(folder("fonts"))])

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=80)


def fits(words: str, wide: int, high: int, largest: int, *, shrinks: bool = True) -> bool:
    given_ = {"given": json.dumps([words, wide, high, largest]), "shrinks": "yes" if shrinks else "no"}
    try:
        typst.compile(FITS, root=str(folder("templates")), font_paths=FONTS, sys_inputs=given_)
    except typst.TypstError as error:
        if not str(error).startswith(("assertion failed", "too ", "a line")):
            raise
        return False
    return True


@settings(max_examples=60)
@given(words=WORDS, wide=st.integers(10, 200), high=st.integers(3, 60), largest=st.integers(4, 200))
@example(words="Abcdefghij" * 8, wide=54, high=12, largest=40)
@example(words="Anna-Liisa Äänekoski-Järvensivu", wide=80, high=17, largest=30)
@example(words="- – -", wide=10, high=3, largest=40)
@example(words=" ", wide=10, high=3, largest=40)
@example(words="مريم العربي", wide=40, high=10, largest=40)
def test_whatever_it_says_it_stays_in_its_room(words: str, wide: int, high: int, largest: int) -> None:
    assert fits(words, wide, high, largest)


def test_what_does_not_shrink_would_leave_it() -> None:
    assert not fits("Abcdefghij" * 8, 54, 12, 40, shrinks=False)
    assert fits("Bo Ek", 54, 20, 40, shrinks=False)


MARKS = b"""
#import "/checkin/papers/_marks.typ": marks-row
#let (marks, wide, high) = json(bytes(sys.inputs.given))
#context {
  let (width, height) = measure(marks-row(marks, wide * 1mm, high * 1mm, high * 0.3mm))
  assert(width <= wide * 1mm + 0.001pt, message: "too wide")
  assert(height <= high * 1mm + 0.001pt, message: "too high")
}
"""


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("emblem", [EMBLEM, []])
def test_marks_shrink_to_their_room_however_much_is_to_be_said(number: int, emblem: list[int]) -> None:
    mark = {"name": "Hanke", "name_language": "fi", "statement": "Euroopan unionin osarahoittama. " * 8}
    given_ = [[{**mark, "language": "fi", "emblem": emblem, "alt": "EU"}] * number, 93, 12]
    inputs = {"given": json.dumps(given_)}
    typst.compile(MARKS, root=str(folder("templates")), font_paths=FONTS, sys_inputs=inputs)
