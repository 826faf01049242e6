"""How a webhook is signed, when it is tried again, and where none is ever sent; pure.

Signing follows Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over id, time and body.
"""

import base64
import hmac
import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from events.core import secrets
from events.messaging.webhooks.tables import Happening

WANTED = tuple(kind for kind in Happening if kind is not Happening.TEST)
"""What an endpoint can choose to be told of."""

OLD_SECRET_LASTS = timedelta(days=1)
"""So long after a change both secrets sign, that a receiver can change its own meanwhile."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 600))
"""What lies between two tries, before up to half as long again; together a little more than a day."""

MAX_TRIES = len(PAUSES) + 1

LONGEST_WAIT = timedelta(hours=12)
"""As long as this a receiver may ask us to wait (Retry-After)."""

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address stands in the last 32 bits."""

LAST_PORT = 65535

_UNICAST = ipaddress.IPv6Network("2000::/3")
_NOT_OURS = (
    *(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "100.64.0.0/10")),
    *(ipaddress.ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")),
)


def secret(endpoint: UUID, generation: int) -> str:
    """Return the secret of an endpoint as receivers write it down: `whsec_` and 32 bytes in base64."""
    return f"whsec_{base64.b64encode(_key(endpoint, generation)).decode()}"


def keys(endpoint: UUID, generation: int, rotated_at: datetime | None, now: datetime) -> list[bytes]:
    """Return by which keys an endpoint's messages are signed: its own, and a while the one before."""
    generations = [generation]
    if rotated_at is not None and now < rotated_at + OLD_SECRET_LASTS:
        generations.append(generation - 1)
    return [_key(endpoint, each) for each in generations]


def _key(endpoint: UUID, generation: int) -> bytes:
    return secrets.derive_key("webhook", endpoint, generation)


def headers(signing: Sequence[bytes], identity: UUID | str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that say which message this is, when it was signed, and the signature by each key."""
    stamp = str(int(now.timestamp()))
    signed = b".".join([str(identity).encode(), stamp.encode(), body])
    signatures = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in signing]
    return {
        "webhook-id": str(identity),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def is_refused(text: str) -> bool:
    """Say whether an address is none of the public network's: private, loopback, link-local, multicast, reserved.

    What carries an IPv4 address inside (mapped, NAT64) is judged by that; tunnels (6to4, Teredo) are refused.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_refused(str(inner))
        if address not in _UNICAST:
            return True
    if any(address in network for network in _NOT_OURS if network.version == address.version):
        return True
    return not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified


def is_possible(url: str) -> bool:
    """Say whether an address can be an endpoint's: https, a name or public address, no user or password in it."""
    try:
        parsed = httpx.URL(url)
        port = parsed.port
    except (httpx.InvalidURL, ValueError):
        return False
    if parsed.scheme != "https" or not parsed.host or parsed.userinfo or parsed.fragment:
        return False
    if port is not None and not 0 < port <= LAST_PORT:
        return False
    host = parsed.host.rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return False
    literal = ":" in host or host.replace(".", "").isdigit()
    return not is_refused(host) if literal else "." in host
