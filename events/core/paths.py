"""Where the files that are not Python lie: in a checkout, where edits show at once, or in the installed wheel."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

Source = Literal["templates", "locale", "docs"]
Built = Literal["web", "fonts"]

_ROOT = Path(__file__).resolve().parents[2]


@cache
def checkout() -> Path | None:
    """The root of the checkout this code runs from, or None when it is installed as a wheel."""
    # Beside an installed package stands anybody's `templates`; the build hook stands in a checkout alone.
    return _ROOT if (_ROOT / "hatch_build.py").is_file() else None


def folder(name: Source | Built) -> Path:
    """The folder of templates, catalogues (`locale`), built browser files (`web`) or fonts for PDFs (`fonts`).

    Of `docs` an installed copy has what the service shows: the guide and its pictures.

    Raises FileNotFoundError, with what to do, when the package was installed without its build.
    """
    root = checkout()
    if root and name in get_args(Source):
        return root / name
    found = built_folder() / name
    if not found.is_dir():
        raise FileNotFoundError(f"{found} is missing: install the package again (uv sync --reinstall-package sixnet)")
    return found


@cache
def built_folder() -> Path:
    """The installed package `sixnet_assets`; raises FileNotFoundError when there is none."""
    try:
        return Path(str(files("sixnet_assets")))
    except ModuleNotFoundError as error:
        raise FileNotFoundError("The browser files are not built: run `uv sync` or `pip install .`") from error
