"""What words may hold: names of a fixed list in braces, and nothing else that stands for anything."""

import pytest
from msgspec import structs

from events.core.i18n import LANGUAGES, in_language
from events.core.readable import readable
from events.messaging.templates import rules
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.words import amiss
from events.messaging.templates.writing import put_together
from events.wording import WORDING

KNOWN = ("name", "event", "ticket")
PLAIN = Template("confirmation", lambda: "", lambda: "", ("name", "event", "link"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hostile", "refused"),
    [
        ("{event.__class__}", ["event.__class__"]),
        ("{event.title}", ["event.title"]),
        ("{name!r}", ["name!r"]),
        ("{name:>10}", ["name:>10"]),
        ("{event[0]}", ["event[0]"]),
        ("{{ config }}", ["config"]),
        ("{{ event.__class__.__mro__ }}", ["event.__class__.__mro__"]),
        ("{% for x in y %}", ["% for x in y %"]),
        ("{# note #}", ["# note #"]),
        ("{0}", ["0"]),
        ("{NAME}", ["NAME"]),
        ("{}", []),
        ("{" + "a" * 300 + "}", []),
        ("{{name}}", []),
    ],
)
def test_what_is_no_field_is_refused_by_its_name_or_is_plain_text(hostile: str, refused: list[str]) -> None:
    assert rules.unknown(hostile, KNOWN) == refused
    made = put_together(PLAIN, Words(hostile, hostile), {"name": "A", "event": "B", "link": "C"}, {})
    if not refused and "name" not in hostile:
        assert made.text == made.subject == hostile
    assert "class '" not in made.text


def test_unknown_words_are_found_and_known_ones_filled() -> None:
    assert rules.unknown("{name} {nmae} { event } {}", KNOWN) == ["nmae"]
    assert rules.filled("Hi { name }, {nmae}", {"name": "Aino"}) == "Hi Aino, {nmae}"


def test_a_brace_that_is_not_closed_is_found() -> None:
    assert rules.unclosed("Hei {name,\ntervetuloa {event} ja { link") == ["name", "link"]
    assert rules.unclosed("{name} :-{ {1 {a") == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "en",
            [
                "The brace before “name” is not closed.",
                "{foo}, {x.y} stand for nothing. There are: {name}, {event}, {ticket}.",
            ],
        ),
        (
            "fi",
            [
                "Sanan ”name” edessä oleva aaltosulje on jäänyt sulkematta.",
                "{foo}, {x.y} eivät tarkoita mitään. Käytettävissä ovat: {name}, {event}, {ticket}.",
            ],
        ),
    ],
)
def test_each_mistake_is_said_once_and_is_not_said_to_be_what_there_is(code: str, said: list[str]) -> None:
    with in_language(code):
        assert amiss("{foo} {event} {x.y} {name", KNOWN) == said


def test_a_value_is_never_looked_at_again() -> None:
    values = {
        "name": "{link} **x** <b> [a](http://e.example)",
        "event": "{{ 7*7 }}",
        "link": "http://testserver/r/abc_d",
    }
    made = put_together(PLAIN, Words("{event}", "{name}\n\n{event}"), values, {})
    assert "testserver" not in made.html
    assert "<strong>" not in made.html
    assert "<b>" not in made.html
    assert "<a " not in made.html
    assert made.subject == "{{ 7*7 }}"
    assert made.text == "{link} **x** <b> [a](http://e.example)\n\n{{ 7*7 }}"


def test_a_link_can_be_pressed_and_read() -> None:
    link = "http://testserver/r/ab_c-d"
    made = put_together(
        PLAIN, Words("", "Here: {link}\n\n[Your page]({link})"), {"name": "", "event": "", "link": link}, {}
    )
    assert made.html.count(f'href="{link}"') == 2
    assert made.text == f"Here: {link}\n\nYour page: {link}"


def test_remote_pictures_and_html_do_not_come_through() -> None:
    words = "![x](https://tracker.example/a.png) <img src=x onerror=y> <script>z</script>\n\n[a](javascript:alert(1))"
    made = put_together(PLAIN, Words("", words), {"name": "", "event": "", "link": ""}, {})
    for sign in ("<img", "<script", "tracker", 'href="javascript'):
        assert sign not in made.html


def test_blocks_stand_alone_and_once() -> None:
    assert rules.misplaced("{ticket}\n\nHello {name}", {"ticket"}) == []
    assert rules.misplaced("Here: {ticket}", {"ticket"}) == ["ticket"]
    assert rules.misplaced("{ticket}\n{ ticket }", {"ticket"}) == ["ticket"]


def test_of_each_group_one_field_must_stay() -> None:
    assert rules.missing("{ticket}", [("ticket",), ("manage", "link")]) == [("manage", "link")]
    assert rules.missing("{ticket} {link}", [("ticket",), ("manage", "link")]) == []


@pytest.mark.parametrize("name", WORDING.templates)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_built_in_words_hold_what_they_must_and_nothing_unknown(name: str, language: str) -> None:
    template = WORDING.templates[name]
    with in_language(language):
        words = template.built_in
    assert rules.unknown(words.body, template.fields) == []
    assert rules.unknown(words.subject, template.in_subject) == []
    assert rules.misplaced(words.body, template.blocks) == []
    assert rules.missing(words.body, template.required) == []


def test_markdown_reads_as_text() -> None:
    source = "Hello **A\\<b\\>**\nnext\n\n- one\n- two\n  - in\n\n1. a\n2. b\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n# Head"
    assert readable(source) == (
        "Hello A<b>\nnext\n\n– one\n– two\n  – in\n\n1. a\n2. b\n\n  said\n\na | b\n1 | 2\n\nHead"
    )


@pytest.mark.parametrize(
    ("body", "leads_to", "said"),
    [
        ("{button}\n\n{link}", "C", "C"),
        ("{button}", "C", "Go: C"),
        ("{button}\n\n{link}", "C#offer", "Go: C#offer\n\nC"),
    ],
)
def test_the_text_says_where_a_button_leads_unless_the_words_do(body: str, leads_to: str, said: str) -> None:
    with_button = structs.replace(PLAIN, blocks=("button",))
    values = {"name": "A", "event": "B", "link": "C"}
    made = put_together(with_button, Words("", body), values, {"button": "Go", "button_url": leads_to})
    assert made.text == said
    assert f'href="{leads_to}"' in made.html
