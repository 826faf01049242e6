"""Who may hand over reports by HTTP: who signs them by the Standard Webhooks convention with the secret we share."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How old or how far ahead a signature may be: what was listened to cannot be sent again later."""

_PREFIX = "whsec_"


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, *, now: datetime) -> bool:
    """Say whether a request was signed lately with this secret (`whsec_` and base64, or any text)."""
    identity, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):  # noqa: PLR2004 - until the year 33658
        return False
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    wanted = signature(secret, identity, stamp, body).encode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted, each.encode()) for each in given)


def signature(secret: str, identity: str, stamp: str, body: bytes) -> str:
    """Return what signs a body: `v1,` and the HMAC of id, time and body."""
    signed = b".".join([identity.encode(), stamp.encode(), body])
    return f"v1,{b64encode(hmac.digest(_key(secret), signed, 'sha256')).decode()}"


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        return secret.encode()
