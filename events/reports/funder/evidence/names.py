"""Names inside a pack: whatever a file was called when it was uploaded, it is safe to unpack anywhere."""

import re

from events.core.text import clean_line

LONGEST = 80
"""Signs of a name without its ending; a path with its folder stays below what Windows takes."""

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(10))}
)


def safe_name(name: str, fallback: str = "file") -> str:
    """Return a name without folders, signs that a system reads otherwise, hidden or reserved beginnings."""
    plain = _UNSAFE.sub("_", clean_line(name)).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:  # noqa: PLR2004 - no ending is as long: the point belongs to the name
        stem, ending = plain, ""
    stem = stem[:LONGEST].strip(" .") or fallback
    if stem.split(".")[0].strip().casefold() in _RESERVED:
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem


class Names:
    """The names of a pack: none is given twice, also where capitals make no difference."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, path: str) -> str:
        """Return this path, or it with a number before its ending when another has it."""
        folder, slash, name = path.rpartition("/")
        stem, dot, ending = name.rpartition(".")
        if not dot:
            stem, ending = name, ""
        number, found = 2, path
        while found.casefold() in self._taken:
            found = f"{folder}{slash}{stem}-{number}{dot}{ending}"
            number += 1
        self._taken.add(found.casefold())
        return found
