"""Values in Markdown: the plain text that they are, in whatever place of it they stand."""

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.messaging.templates.filling import filled_markdown

LINK = "http://testserver/r/ab_c-d?a=1&b=2"
PLACES = {
    "{name}": "p",
    "so {name} it is": "p",
    "- {name}\n- b": "li",
    "1. {name}": "li",
    "# {name}": "h3",
    "{name}\n===": "h3",
    "> {name}": "blockquote",
    "*{name}*": "em",
    "**{name}**ssa": "strong",
    "[{name}]({link})": "a",
    "`{name}`": "code",
    "a ``{name}`` b": "code",
    "```\n{name}\n```": "pre",
    "~~~py\n{name}\n~~~": "pre",
    "    {name}": "pre",
    "| a | b |\n|---|---|\n| {name} | c |": "td",
}
SIGNS = st.text(st.sampled_from("\\`*_{}[]()#+-.!<>|~&\"'=:/@ aZ1ä{name}{link}"), max_size=40)
HOSTILE = [
    "Aino *x* <b> & `y`",
    "a\\b \\* &amp; &#42;",
    "``` {link} {name}",
    "[x](javascript:alert(1)) ![y](https://tracker.example/z)",
    "<https://x.example> <script>z</script>",
    "1. a | b",
    "sixnetfield0q",
]


class Page(HTMLParser):
    """What HTML says: its text, the tags around the first value, all tags and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.addresses = "", [], []
        self.feed(str(html))  # for what is cut out of Markup escapes what it is added to
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def each_hostile(test: Callable[..., None]) -> Callable[..., None]:
    for value in HOSTILE:
        test = example(value=value)(test)
    return given(value=SIGNS)(test)


@pytest.mark.parametrize("place", PLACES)
@each_hostile
def test_a_value_is_plain_text_in_every_place_and_changes_nothing_around_it(place: str, value: str) -> None:
    value = " ".join(value.split())
    made = filled_markdown(place, {"name": value, "link": LINK}, {"link"})
    simple = filled_markdown(place, {"name": "Maija", "link": LINK}, {"link"})
    page, model = Page(made.html), Page(simple.html)
    assert PLACES[place] in page.tags
    assert (page.tags, page.addresses) == (model.tags, model.addresses)
    assert page.text == model.text.replace("Maija", value)
    assert made.text.strip() == simple.text.replace("Maija", value).strip()


@pytest.mark.parametrize("words", ["[x](https://x.example/?q={name})", "<https://x.example/?q={name}>"])
@each_hostile
def test_within_an_address_a_value_is_a_part_of_it(words: str, value: str) -> None:
    made = filled_markdown(words, {"name": value}, ())
    assert Page(made.html).addresses == [f"https://x.example/?q={quote(value, safe='')}"]


@each_hostile
def test_a_value_alone_is_never_an_address_that_does_something(value: str) -> None:
    for words in ("[x]({name})", "[x](<{name}>)", "[x][y]\n\n[y]: {name}", "![x]({name})"):
        made = filled_markdown(words, {"name": value}, ())
        assert all(address == quote(value, safe="") for address in Page(made.html).addresses)


@pytest.mark.parametrize(
    "words", ["{link}", "<{link}>", "[{link}]", "**{link}**", "# {link}", "| a |\n|---|\n| {link} |"]
)
def test_an_address_can_be_followed_where_it_stands(words: str) -> None:
    page = Page(filled_markdown(words, {"link": LINK}, {"link"}).html)
    assert page.addresses == [LINK]
    assert LINK in page.text


@pytest.mark.parametrize("words", ["`{link}`", "```\n{link}\n```", "    <{link}>"])
def test_in_code_an_address_is_shown_as_it_is(words: str) -> None:
    made = filled_markdown(words, {"link": LINK}, {"link"})
    assert Page(made.html).text.strip() == made.text == words.strip("` \n").replace("{link}", LINK)


def test_lines_end_where_their_author_ended_them_but_code_is_left_alone() -> None:
    made = filled_markdown("Regards\nOskari\n\n- a\n- b\n\n```\nx\ny\n```", {}, ())
    assert "Regards<br>\nOskari" in made.html
    assert made.html.count("<li>") == 2
    assert "x\ny\n</code>" in made.html


def test_no_word_of_the_author_is_taken_for_a_field() -> None:
    made = filled_markdown("sixnetfield0q {name} sixnetfieldx0q", {"name": "Aino"}, ())
    assert made.text == "sixnetfield0q Aino sixnetfieldx0q"
