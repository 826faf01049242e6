"""The process that draws: reads one JSON request a line on standard input and answers each with one line.

Started by `events.core.drawing`. It leaves when standard input ends or nothing was asked for a while, and imports the
heavy libraries only when first needed.
"""

import base64
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from typing import Any, BinaryIO, Final


def main() -> None:
    """Answer requests until there are no more; the only argument is how many seconds to stay idle."""
    idle = float(sys.argv[1])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not come between the answers
    while line := _read(sys.stdin.buffer, idle):
        answers.write(json.dumps(_answer(json.loads(line))).encode() + b"\n")
        answers.flush()


def _read(requests: BinaryIO, idle: float) -> bytes:
    leave = threading.Timer(idle, os._exit, (0,))
    leave.daemon = True
    leave.start()
    try:
        return requests.readline()
    finally:
        leave.cancel()


def _answer(request: Mapping[str, Any]) -> dict[str, str]:
    draw: Callable[[Mapping[str, Any]], dict[str, str]] = {"chart": _chart, "pdf": _pdf, "png": _png}[request["kind"]]
    try:
        return draw(request)
    except Exception as error:  # noqa: BLE001 - the libraries raise their own and built-in errors alike
        return {"error": f"{type(error).__name__}: {error}"}


def _chart(request: Mapping[str, Any]) -> dict[str, str]:
    library, spec = _chart_library(request["fonts"]), request["spec"]
    font = spec.get("config", {}).get("font", "")
    measured = f"&apos;{font}&apos;"
    if font:
        spec = {**spec, "config": {**spec["config"], "font": measured}}
    svg = library.vegalite_to_svg(spec, format_locale=request["locale"], allowed_base_urls=[])
    return {"svg": svg.replace(_as_attribute(escape(measured)), _as_attribute(f"'{font}'"))}


def _as_attribute(font: str) -> str:
    """Write a family as the SVG does.

    CSS reads a name with a number in it only in quotes. To find out how wide words are the library takes real ones off,
    does not find such a font then, and takes each sign for a wide one: labels were placed wrongly, and cut too early.
    """
    return f'font-family="{font}"'


@cache
def _chart_library(fonts: str) -> Any:
    import vl_convert  # noqa: PLC0415 - 100 MiB, only when a chart is wanted

    vl_convert.register_font_directory(fonts)
    return vl_convert


def _pdf(request: Mapping[str, Any]) -> dict[str, str]:
    content = _set(request).compile(format="pdf", pdf_standards=_STANDARD, timestamp=request["timestamp"])
    return {"pdf": base64.b64encode(content).decode()}


def _png(request: Mapping[str, Any]) -> dict[str, str]:
    content = _set(request).compile(format="png", ppi=request["ppi"])
    return {"png": base64.b64encode(content).decode()}


def _set(request: Mapping[str, Any]) -> Any:
    import typst  # noqa: PLC0415 - only when a PDF is wanted

    fonts = _fonts(request["fonts"])
    return typst.Compiler(
        input=os.path.join(request["root"], request["template"]),  # noqa: PTH118 - pathlib would be its only use
        root=request["root"],
        font_paths=fonts,
        sys_inputs={"data": _showable(json.dumps(request["data"], ensure_ascii=False), fonts)},
    )


@cache
def _fonts(folder: str) -> Any:
    import typst  # noqa: PLC0415 - as above

    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


_STANDARD: Final = "ua-1"
_MISSING = "\N{WHITE SQUARE}"
_NO_TEXT = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Nothing is seen of it, and PDF/UA forbids it by its name, whatever fonts have; alone, as a probe, it passes."""
_PROBE = b'#set document(title: "x")\n#set text(font: "Source Sans 3")\n#sys.inputs.signs'
_shown: dict[str, bool] = {}
"""Sign → whether one of the fonts has it; of ASCII ours has all."""


def _showable(text: str, fonts: Any) -> str:
    """Put a square for each sign that no font has: a tagged PDF is refused for one, a picture would not tell."""
    text = text.replace(_NO_TEXT, "")
    signs = {sign for sign in set(text) if not sign.isascii()}
    unknown = signs - _shown.keys()
    if unknown:
        together = _can_be_shown("".join(unknown), fonts)
        _shown.update({sign: together or _can_be_shown(sign, fonts) for sign in unknown})
    return text.translate({ord(sign): _MISSING for sign in signs if not _shown[sign]})


def _can_be_shown(signs: str, fonts: Any) -> bool:
    import typst  # noqa: PLC0415 - as above

    try:
        typst.compile(_PROBE, font_paths=fonts, sys_inputs={"signs": signs}, format="pdf", pdf_standards=_STANDARD)
    except typst.TypstError:
        return False
    return True


if __name__ == "__main__":
    main()
