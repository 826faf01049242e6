"""Every text has its Finnish and its Swedish, none is left over, and what is filled in is the same."""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from events.core.i18n import LANGUAGES, catalog

ROOT = Path(__file__).parents[1]
TRANSLATED = [code for code in LANGUAGES if code != "en"]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
FORMS = 2
"""Finnish and Swedish have a form for one and a form for the rest."""

Forms = tuple[str, ...]


def extracted(folder: Path, method: str) -> Iterator[tuple[Forms, str]]:
    found = extract_from_dir(
        str(folder),
        [("**.py", "python")] if method == "python" else [("**.*", "jinja2")],
        {"**.*": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}},
        keywords=KEYWORDS,
    )
    for name, line, message, _comments, _context in found:
        yield (message if isinstance(message, tuple) else (message,)), f"{folder.name}/{name}:{line}"


@functools.cache
def messages() -> dict[Forms, str]:
    """Every text in the code and the templates, with one place where it stands."""
    found: dict[Forms, str] = {}
    for folder, method in (("events", "python"), ("workers", "python"), ("templates", "jinja2")):
        found.update(extracted(ROOT / folder, method))
    return found


def translations(code: str) -> dict[Forms, Forms]:
    return {
        (message.id if isinstance(message.id, tuple) else (message.id,)): (
            tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)
        )
        for message in catalog(code)
        if message.id
    }


def wrong_placeholders(message: Forms, translation: Forms) -> bool:
    wanted = set(PLACEHOLDER.findall(message[-1]))
    # The form for one may say "one" in words.
    return any(set(PLACEHOLDER.findall(form)) - wanted for form in translation) or (
        set(PLACEHOLDER.findall(translation[-1])) != wanted
    )


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated(code: str) -> None:
    known = translations(code)
    missing = {
        place: message
        for message, place in messages().items()
        if not all(known.get(message, ("",))) or (len(message) > 1 and len(known[message]) != FORMS)
    }
    assert missing == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_left_over(code: str) -> None:
    assert set(translations(code)) - set(messages()) == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_is_filled_in_is_the_same_in_every_language(code: str) -> None:
    wrong = {m: t for m, t in translations(code).items() if all(t) and wrong_placeholders(m, t)}
    assert wrong == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_marked_as_a_guess(code: str) -> None:
    for path in sorted((ROOT / "locale" / code).glob("*.po")):
        with path.open("rb") as file:
            assert [message.id for message in read_po(file) if message.id and message.fuzzy] == [], path


def test_a_text_is_found_in_code_and_template(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('title = _("One thing")\nmany = ngettext("%(n)s cat", "%(n)s cats", 3)\n')
    assert {m for m, _ in extracted(tmp_path, "python")} == {("One thing",), ("%(n)s cat", "%(n)s cats")}
    (tmp_path / "a.py").rename(tmp_path / "a.html")
    (tmp_path / "a.html").write_text('<p>{{ _("Another thing") }}</p>')
    assert {m for m, _ in extracted(tmp_path, "jinja2")} == {("Another thing",)}


def test_a_wrong_placeholder_would_be_found() -> None:
    right: Mapping[Forms, Forms] = {("%(n)s cat", "%(n)s cats"): ("yksi kissa", "%(n)s kissaa")}
    assert not any(wrong_placeholders(*pair) for pair in right.items())
    assert wrong_placeholders(("Hello %(name)s",), ("Hei %(nimi)s",))
    assert wrong_placeholders(("Hello %(name)s",), ("Hei",))


OTHER_WORDS = {
    "fi": ("kohdealue", "tavoitellut maakunnat", "tavoiteltava"),
    "sv": ("målområd", "ska nås", "kölist", "olika personer och", "avböjd anmälan"),
}
"""Words that once stood for what has another one: kohdemaakunta, mållandskap, väntelista, unika, avslagen."""


@pytest.mark.parametrize("code", TRANSLATED)
def test_one_thing_has_one_word(code: str) -> None:
    said = " ".join(form for forms in translations(code).values() for form in forms).casefold()
    assert [word for word in OTHER_WORDS[code] if word in said] == []
