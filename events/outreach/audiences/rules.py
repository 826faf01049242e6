"""An audience as it stands in an address: groups of people that are joined, and who is left out; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from msgspec import Struct, structs

from events.core.i18n import LANGUAGES
from events.core.i18n import lazy_gettext as _l
from events.core.text import as_uuid, clean_line
from events.network.tables import OrganisationType, SizeClass
from events.programme.tables import Kind

MOST_GROUPS = 6
"""How many groups are joined; more would be no audience that anybody can look over."""

LONGEST_CODE, MOST_CODES = 40, 60

PLACEHOLDERS: Mapping[str, object] = {
    "given_name": _l("the given name"),
    "name": _l("the whole name"),
    "events": _l("the link to the coming events"),
    "link": _l("the link to the invitation of who is invited, or else to the coming events"),
}
"""The words in braces of a letter to a group, each with what takes its place."""

REGISTERED, ATTENDED, NEVER = "registered", "attended", "never"


class Group(Struct, frozen=True, kw_only=True):
    """People to whom all of this applies; "", None and () ask for nothing. The names are those in the address.

    `theme` to `until` speak of one event together: registered for it, `part` attended it, or never attended such a one.
    Without `part` a theme also means the members of its theme groups. `since` and `until` are days (YYYY-MM-DD).
    `invited` is an event to which the invitation was not answered; `group` a theme group whose members are meant.
    """

    region: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    part: str = ""
    since: str = ""
    until: str = ""
    event: UUID | None = None
    series: UUID | None = None
    group: UUID | None = None
    invited: UUID | None = None

    @property
    def is_set(self) -> bool:
        """Whether anything was chosen: a group without a choice means nobody, not everybody."""
        return self != Group()


class Audience(Struct, frozen=True, kw_only=True):
    """To whom a letter goes: everybody who is in one of the groups, or `everybody`, without the excluded.

    `about` are the themes of the letter: who refused all of them is left out, and members of their theme groups need
    not have agreed to news. `but_event`: not those registered for it; `but_group`: not its members.
    """

    groups: tuple[Group, ...] = ()
    everybody: bool = False
    about: tuple[str, ...] = ()
    but_event: UUID | None = None
    but_group: UUID | None = None

    @property
    def is_set(self) -> bool:
        """Whether it means anybody, and says one thing: everybody and groups beside it do not."""
        return self.everybody != bool(self.groups)

    @property
    def is_both(self) -> bool:
        """Whether groups were chosen beside everybody, who would swallow them."""
        return self.everybody and bool(self.groups)

    def query(self) -> str:
        """Return the query of an address that means the same."""
        pairs = _pairs(structs.replace(self, groups=()), "")
        for number, group in enumerate(self.groups, 1):
            pairs += _pairs(group, f"{number}-")
        return urlencode(pairs)

    def without_group(self, number: int) -> "Audience":
        """Return the same without one of its groups, counted from 1."""
        return structs.replace(self, groups=self.groups[: number - 1] + self.groups[number:])


def read_audience(pairs: Iterable[tuple[str, str]]) -> Audience:
    """Read an audience from the parameters of an address; what cannot be a value is left out."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(clean_line(value))
    groups = (Group(**_fields(Group, values, f"{number}-")) for number in range(1, MOST_GROUPS + 1))
    whole = _fields(Audience, values, "")
    return Audience(groups=tuple(group for group in groups if group.is_set), **whole)


def parse(query: str) -> Audience:
    """Read an audience as it was kept."""
    return read_audience(parse_qsl(query))


def _pairs(of: Group | Audience, prefix: str) -> list[tuple[str, str]]:
    found = []
    for name in of.__struct_fields__:
        value = getattr(of, name)
        several = value if isinstance(value, tuple) else (value,)
        found += [(f"{prefix}{name}", "1" if each is True else str(each)) for each in several if each]
    return found


_CODE = re.compile(r"[a-z0-9][a-z0-9-]*")
_KNOWN: Mapping[str, Iterable[str]] = {
    "type": tuple(OrganisationType),
    "size": tuple(SizeClass),
    "language": LANGUAGES,
    "kind": tuple(Kind),
    "part": (REGISTERED, ATTENDED, NEVER),
}
_SEVERAL = ("region", "type", "size", "language", "theme", "kind", "about")
_IDS = ("event", "series", "group", "invited", "but_event", "but_group")
_DAYS = ("since", "until")


def _fields(of: type[Struct], values: Mapping[str, list[str]], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in of.__struct_fields__:
        sent = values.get(f"{prefix}{name}", [])
        if name in _SEVERAL:
            found[name] = tuple(dict.fromkeys(each for each in sent if _fits(name, each)))[:MOST_CODES]
        elif name in _IDS:
            found[name] = next((read for read in map(as_uuid, sent) if read), None)
        elif name in _DAYS:
            found[name] = next((each for each in sent if _is_day(each)), "")
        elif name == "part":
            found[name] = next((each for each in sent if _fits(name, each)), "")
        elif name == "everybody":
            found[name] = "1" in sent
    return found


def _fits(name: str, value: str) -> bool:
    if name in _KNOWN:
        return value in _KNOWN[name]
    return len(value) <= LONGEST_CODE and _CODE.fullmatch(value) is not None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
