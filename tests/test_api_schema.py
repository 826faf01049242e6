"""The API against its own description: whatever a program sends, it never meets a failure of the service."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import Litestar

from events.accounts import actions
from events.accounts.tables import Scope
from events.core import clock, database
from events.core.actor import SYSTEM
from tests.factories import make_event

EXAMPLES = 15
"""Per operation; more find the same in more time."""


class _Undo(Exception):
    pass


async def test_no_operation_of_the_api_fails_whatever_it_is_sent(client: httpx.AsyncClient, app: Litestar) -> None:
    await make_event()
    token = await actions.add_token("schema", Scope.ALL, None, actor=SYSTEM, now=clock.now())
    schema = schemathesis.openapi.from_dict((await client.get("/api/v1/openapi.json")).json())
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) >= 5
    for operation in operations:
        for case in cases(operation):
            sent = case.as_transport_kwargs(base_url="http://testserver")
            headers = {**sent.get("headers", {}), "authorization": f"Bearer {token}"}
            names = {"params": "params", "json": "json", "data": "content"}
            kept = {ours: sent[theirs] for theirs, ours in names.items() if sent.get(theirs) is not None}
            with pytest.raises(_Undo):
                async with database.transaction():
                    answer = await client.request(sent["method"], sent["url"], headers=headers, **kept)
                    raise _Undo
            assert answer.status_code < 500, (operation.label, kept)
            assert answer.status_code < 400 or answer.json()["code"], operation.label


def cases(operation: object) -> list[schemathesis.Case]:
    """Cases as the description allows them and as it does not; the same ones at every run."""
    found: list[schemathesis.Case] = []
    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]  # type: ignore[attr-defined]

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(modes))
    def collect(case: schemathesis.Case) -> None:
        found.append(case)

    collect()
    return found
