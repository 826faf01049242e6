import pytest

from events.core.markdown import plain_text, render_markdown, render_own


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://tracker.example/a.png)",
        "<img src=x onerror=alert(1)>",
        '<a href="x" onclick="y">z</a>',
    ],
)
def test_nothing_runs_and_nothing_is_fetched(hostile: str) -> None:
    html = str(render_markdown(hostile))
    for sign in ("<script", 'href="javascript', "<img", '<a href="x" on'):
        assert sign not in html


def test_headings_begin_below_the_pages_own() -> None:
    assert "<h3>" in render_markdown("# Ohjelma")


def test_plain_text_keeps_the_words_and_drops_the_signs() -> None:
    text = plain_text("# Title\n\n**Bold** & <b>not bold</b> [link](https://x.example)\n\n- one\n- two")
    assert text.split() == ["Title", "Bold", "&", "<b>not", "bold</b>", "link", "one", "two"]


def test_a_document_of_ours_is_rendered_whole_with_anchors_and_its_pictures() -> None:
    text = "# Opas\n\n## Jos jokin menee *pieleen*, mitä?\n\n![Kuva](../a/b.png)\n\n<b>x</b>"
    html = str(render_own(text, lambda path: f"/p/{path[-5:]}"))
    assert '<h1 id="opas">' in html
    assert '<h2 id="jos-jokin-menee-pieleen-mitä">' in html
    assert '<img src="/p/b.png" alt="Kuva" />' in html
    assert "&lt;b&gt;" in html
