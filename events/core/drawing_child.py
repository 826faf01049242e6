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
from typing import Any, BinaryIO


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
    draw: Callable[[Mapping[str, Any]], dict[str, str]] = {"chart": _chart, "pdf": _pdf}[request["kind"]]
    try:
        return draw(request)
    except Exception as error:  # noqa: BLE001 - the libraries raise their own and built-in errors alike
        return {"error": f"{type(error).__name__}: {error}"}


def _chart(request: Mapping[str, Any]) -> dict[str, str]:
    library = _chart_library(request["fonts"])
    svg = library.vegalite_to_svg(request["spec"], format_locale=request["locale"], allowed_base_urls=[])
    return {"svg": svg}


@cache
def _chart_library(fonts: str) -> Any:
    import vl_convert  # noqa: PLC0415 - 100 MiB, only when a chart is wanted

    vl_convert.register_font_directory(fonts)
    return vl_convert


def _pdf(request: Mapping[str, Any]) -> dict[str, str]:
    import typst  # noqa: PLC0415 - only when a PDF is wanted

    compiler = typst.Compiler(
        input=os.path.join(request["root"], request["template"]),  # noqa: PTH118 - pathlib would be its only use
        root=request["root"],
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[request["fonts"]]),
        sys_inputs={"data": json.dumps(request["data"])},
    )
    content: Any = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=request["timestamp"])
    return {"pdf": base64.b64encode(content).decode()}


if __name__ == "__main__":
    main()
