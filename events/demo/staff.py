"""One member of staff per role, to sign in with; the passwords are printed, so this is for the demo only."""

from datetime import datetime
from uuid import uuid4

from msgspec import Struct

from events.accounts.passwords import hash_password
from events.core import database
from events.demo import groups


class SignIn(Struct, frozen=True):
    """What one signs in with in the demo."""

    role: str
    email: str
    name: str
    password: str
    resource_kind: str = "all"
    resource_id: str = ""


SIGN_INS = (
    SignIn("admin", "admin@sixnet.example", "Ansa Ylläpito", "demo-admin-2026"),
    SignIn("coordinator", "coordinator@sixnet.example", "Kaisa Koordinaattori", "demo-coordinator-2026"),
    SignIn("organiser", "organiser@sixnet.example", "Oskari Järjestäjä", "demo-organiser-2026", "region", "06"),
    SignIn("chair", "chair@sixnet.example", "Pirjo Puheenjohtaja", "demo-chair-2026", "group", str(groups.LED)),
    SignIn("door", "door@sixnet.example", "Ossi Ovi", "demo-door-2026"),
    SignIn("viewer", "viewer@sixnet.example", "Viivi Katselija", "demo-viewer-2026"),
)


async def add_staff(now: datetime) -> None:
    """Insert the members of staff with their passwords and grants."""
    for person in SIGN_INS:
        staff = uuid4()
        await database.execute(
            "INSERT INTO staff (id, email, name, language, password_hash, active, created_at)"
            " VALUES ($1, $2, $3, 'fi', $4, true, $5)",
            *(staff, person.email, person.name, await hash_password(person.password), now),
        )
        await database.execute(
            "INSERT INTO staff_grant (id, staff, role, resource_kind, resource_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *(uuid4(), staff, person.role, person.resource_kind, person.resource_id, now),
        )
