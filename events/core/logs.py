"""Logs: one JSON object a line on standard error; ids only, no personal data."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

_WITHOUT_LOCALS = ExceptionDictTransformer(show_locals=False)
"""The values of variables hold addresses, answers and links: they have no place in a log."""


class _StandardError:
    """Writes lines to the standard error of their moment: what runs the process may put another stream in its place."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def _json(line: dict[str, Any], default: Callable[[Any], Any], **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=default).decode()


def configure() -> None:
    """Let structlog and the standard library write the same JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_WITHOUT_LOCALS),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
