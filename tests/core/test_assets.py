import json
import re
from pathlib import Path

import pytest

from events.core.assets import asset_dir, asset_path, asset_url
from events.core.paths import checkout, folder

FRONTEND = Path(__file__).parents[2] / "frontend"


@pytest.mark.parametrize("name", ["app.css", "app.js", "door.js", "icon.svg", "zxing_reader.wasm"])
def test_an_asset_is_served_under_a_name_with_the_hash_of_its_content(name: str) -> None:
    stem, suffix = name.rsplit(".", 1)
    assert re.fullmatch(rf"/assets/{stem}-[A-Z0-9]{{8}}\.{suffix}", asset_url(name))
    assert asset_path(name) == asset_dir() / asset_url(name).removeprefix("/assets/")
    assert asset_path(name).stat().st_size > 0


def test_an_unknown_asset_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match=r"'nothing\.css'"):
        asset_url("nothing.css")


def test_the_sheet_and_the_scripts_load_nothing_from_another_host() -> None:
    sheet = asset_path("app.css").read_text()
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", sheet)
    loaded = re.findall(r"url\([\"']?(\./[^\"')]+)", sheet)
    assert loaded
    assert all((asset_dir() / name).is_file() for name in loaded)


def test_fonts_for_documents_are_whole_truetype_files() -> None:
    fonts = sorted(folder("fonts").glob("*.ttf"))
    assert [font.stem.removeprefix("SourceSans3_") for font in fonts] == [
        "400Regular",
        "400Regular_Italic",
        "600SemiBold",
        "700Bold",
    ]
    assert all(font.read_bytes()[:4] == b"\0\1\0\0" for font in fonts)


def test_templates_and_catalogues_of_a_checkout_are_its_own() -> None:
    assert folder("templates") == FRONTEND.parent / "templates"
    assert folder("locale").parent == checkout()


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]


def test_the_decoder_is_the_one_its_wrapper_was_made_for() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    wanted = packages["node_modules/barcode-detector"]["dependencies"]["zxing-wasm"]
    assert packages["node_modules/zxing-wasm"]["version"] == wanted
    assert "node_modules/barcode-detector/node_modules/zxing-wasm" not in packages


def test_every_browser_dependency_has_an_exact_version() -> None:
    package = json.loads((FRONTEND / "package.json").read_text())
    versions = package["dependencies"] | package["devDependencies"]
    assert not [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]
