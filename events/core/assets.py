"""Built browser files by their plain names; what is served carries a hash of its content in its name."""

import json
from functools import cache
from pathlib import Path

from events.core.paths import built_folder, folder

PREFIX = "/assets/"


def asset_dir() -> Path:
    """The folder served under `/assets/`; every file in it may be kept for ever by browsers."""
    return folder("web")


def asset_url(name: str) -> str:
    """The address of a built file: `app.css` → `/assets/app-<hash>.css`. Raises LookupError for an unknown name."""
    return PREFIX + _hashed(name)


def asset_path(name: str) -> Path:
    """The built file itself, for what is put into mails or packs. Raises LookupError for an unknown name."""
    return asset_dir() / _hashed(name)


def _hashed(name: str) -> str:
    try:
        return _manifest()[name]
    except KeyError:
        raise LookupError(f"No asset is called {name!r}; there are {', '.join(_manifest())}") from None


@cache
def _manifest() -> dict[str, str]:
    manifest: dict[str, str] = json.loads((built_folder() / "manifest.json").read_text(encoding="utf-8"))
    return manifest
