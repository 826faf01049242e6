"""`sixnet staff add` and `sixnet token add`."""

import typer

from events.accounts import actions
from events.accounts.tables import Role, Scope
from events.core import address, clock, database
from events.core.actor import SYSTEM
from events.core.addresses import normal_address
from events.core.errors import ServiceError
from events.core.links import absolute
from events.ground import Ground, on_ground


def add_staff(email: str, role: str, region: list[str]) -> None:
    """Make an account and print a one-time link to sign in by."""
    address_of = normal_address(email)
    if address_of is None:
        raise ServiceError(f"{email!r} is no address that mail can be sent to.")

    async def work(_: Ground) -> str:
        await address.adopt_public_url()
        now = clock.now()
        staff_id = await actions.add_staff(address_of, Role(role), region, actor=SYSTEM, now=now)
        return absolute(await actions.sign_in_link(staff_id, now=now))

    link = on_ground(work)
    typer.echo(f"{email} is {role}. This link signs in once, within ten minutes:", err=True)
    typer.echo(link)


def add_token(name: str, scope: str, event: str | None) -> None:
    """Make an API token; the last line printed is the token alone."""

    async def work(_: Ground) -> str:
        event_id = None
        if event is not None:
            event_id = await database.fetchval("SELECT id FROM event WHERE slug = $1", event)
            if event_id is None:
                raise ServiceError(f"There is no event {event!r}.")
        return await actions.add_token(name, Scope(scope), event_id, actor=SYSTEM, now=clock.now())

    token = on_ground(work)
    typer.echo(f"This token of {name} is shown this once:", err=True)
    typer.echo(token)
