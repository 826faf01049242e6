import io
import json
import sys

import pytest
import structlog

from events.core import logs


def test_the_trace_of_an_error_holds_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    secret = "aino.esimerkki@yritys.example"
    try:
        json.loads(secret[:0])
    except ValueError as error:
        structlog.get_logger("test").error("failed", exc_info=error)
    written = "".join(capsys.readouterr())
    assert "JSONDecodeError" in written
    assert secret not in written


def test_a_line_goes_to_the_standard_error_of_its_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", replaced)
        logs.configure()
        log = structlog.get_logger("test")
        log.info("earlier")
    assert "earlier" in replaced.getvalue()
    replaced.close()
    log.info("later")
    assert "later" in capsys.readouterr().err
