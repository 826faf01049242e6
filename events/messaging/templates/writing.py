"""Putting a letter together: words, what is filled in, and the blocks that the service makes itself."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from events.core.i18n import gettext as _
from events.core.web import render
from events.messaging.templates.filling import filled_markdown
from events.messaging.templates.rules import fields, filled, pieces
from events.messaging.templates.shapes import Template, Words

_LINKS = frozenset({"link", "event_link", "statement", "account"})


def greeting(given: str) -> str:
    """Return how a letter begins: by the given name, or what `called` makes of a whole one; "" is nobody's."""
    return _("Hello %(name)s!", name=given) if given else _("Hello!")


def hello(given: str) -> str:
    """Return the greeting for letters whose words put a sign of their own behind it."""
    return _("Hello %(name)s", name=given) if given else _("Hello")


class Written(Struct, frozen=True):
    """A letter before it is put into its frame."""

    subject: str
    html: Markup
    text: str


def put_together(template: Template, words: Words, values: Mapping[str, str], context: Mapping[str, Any]) -> Written:
    """Fill in `values` and the blocks, which are made of `context`: `templates/mail/blocks/<name>`, HTML and text.

    A button to where a {link} of the words leads is for the HTML part alone: as text it is that address once more.
    """
    known = {name: values[name] for name in template.inline}
    linked = known.get("link") if "link" in fields(words.body) else None
    html, text = Markup(), []
    for markdown, block in pieces(words.body, template.blocks):
        made = filled_markdown(markdown, known, _LINKS)
        html += made.html
        text.append(made.text)
        if block:
            html += Markup(render(f"mail/blocks/{block}.html", **context))  # noqa: S704 - our own template
            if block != "button" or context["button_url"] != linked:
                text.append(render(f"mail/blocks/{block}.txt", **context).strip())
    return Written(filled(words.subject, known), html, "\n\n".join(part for part in text if part))
