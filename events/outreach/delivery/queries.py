"""The addresses that are not written to, and why."""

from datetime import datetime

from msgspec import Struct

from events.core import database
from events.core.i18n import language

PAGE_SIZE = 50


class NotWrittenTo(Struct, frozen=True):
    """One address and one reason: `kind` is unreachable, unsubscribed, theme, or as it was entered by hand.

    `words` are the mail server's, or the name of the theme.
    """

    address: str
    kind: str
    words: str
    since: datetime


class Addresses(Struct, frozen=True):
    """A page of them, how many there are, and on how many pages."""

    items: list[NotWrittenTo]
    total: int
    pages: int


_ALL = """
FROM (
    SELECT address, 'unreachable' AS kind, words, since FROM unreachable
    UNION ALL SELECT address, reason, '', since FROM suppression
    UNION ALL SELECT address, 'theme', coalesce(nullif(theme.name_{language}, ''), refused_theme.theme), since
        FROM refused_theme LEFT JOIN theme ON theme.code = refused_theme.theme
) AS listed WHERE $1 = '' OR strpos(address, lower($1)) > 0
"""


async def not_written_to(address: str, *, page: int) -> Addresses:
    """Return a page (from 1) of the addresses that hold a text, the latest first."""
    listed = _ALL.format(language=language())
    total = await database.fetchval(f"SELECT count(*) {listed}", address)
    rows = await database.fetch(
        f"SELECT address, kind, words, since {listed} ORDER BY since DESC, address, kind, words"
        f" LIMIT {PAGE_SIZE} OFFSET $2",
        address,
        (page - 1) * PAGE_SIZE,
    )
    return Addresses([NotWrittenTo(**row) for row in rows], total, -(-total // PAGE_SIZE))
