"""Addresses that leave the page: in feeds, mails, QR codes and structured data."""

from events.core.settings import get_settings

LOCAL = "http://127.0.0.1:8000"
"""Where a service answers that was told no public address and has not said its own yet."""


def absolute(path: str) -> str:
    """Return the public address of a path; the Host header is never asked, it is the visitor's to choose."""
    return (get_settings().public_url or LOCAL).rstrip("/") + path


def webcal(address: str) -> str:
    """Return the address by which a calendar program subscribes to a feed instead of taking it in once.

    No RFC describes `webcal:`; calendar programs take it for "keep this up to date".
    """
    return "webcal://" + address.partition("://")[2]
