"""The wheel, built from this checkout with the browser files that its own installation made."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from events.core.paths import built_folder

ROOT = Path(__file__).parents[1]


def build_wheel(out: Path, assets: Path) -> subprocess.CompletedProcess[str]:
    uv = os.environ.get("UV", "uv")
    return subprocess.run(
        [uv, "build", "--wheel", "--out-dir", str(out), str(ROOT)],
        env=os.environ | {"SIXNET_PREBUILT_ASSETS": str(assets)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = build_wheel(folder, built_folder())
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_holds_code_templates_catalogues_and_browser_files(unpacked: Path) -> None:
    for source in ("events", "workers"):
        assert (unpacked / source / "__init__.py").is_file()
    assets = unpacked / "sixnet_assets"
    for source in ("templates", "locale", "docs/guide", "docs/pictures/guide"):
        wanted = {path.relative_to(ROOT) for path in (ROOT / source).rglob("*") if path.is_file()}
        assert wanted == {path.relative_to(assets) for path in (assets / source).rglob("*") if path.is_file()}
    assert (assets / "manifest.json").read_bytes() == (built_folder() / "manifest.json").read_bytes()
    assert list((assets / "licences").iterdir())


def test_the_wheel_holds_nothing_else(unpacked: Path) -> None:
    names = {path.name for path in unpacked.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"events", "workers", "sixnet_assets"}


def test_an_installed_wheel_finds_its_own_files(unpacked: Path) -> None:
    script = """
from events.core.assets import asset_dir, asset_path
from events.core.paths import checkout, folder
print(checkout(), folder("templates"), folder("locale"), folder("docs"), folder("fonts"), asset_dir(), sep="\\n")
assert asset_path("app.css").is_file() and (folder("templates") / "layout.html").is_file()
assert (folder("docs") / "guide" / "organiser.fi.md").is_file()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assets = unpacked / "sixnet_assets"
    found = [str(assets / name) for name in ("templates", "locale", "docs", "fonts", "web")]
    assert done.stdout.splitlines() == ["None", *found]


def test_an_incomplete_prebuilt_folder_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    built = build_wheel(tmp_path / "out", tmp_path)
    assert built.returncode != 0
    assert f"SIXNET_PREBUILT_ASSETS: {tmp_path} lacks web, fonts, licences, manifest.json" in built.stderr
