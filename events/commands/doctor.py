"""`sixnet doctor`: says in plain words what is misconfigured or not running, and what to do about it."""

import asyncio
import ipaddress
import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import typer

from events import schema
from events.commands import delivery, mail_access, sender_domain
from events.commands.backup import LAST_BACKUP
from events.commands.findings import Finding, Level, ago
from events.core import address, clock, database, settings
from events.core.embedded import EmbeddedError
from events.core.errors import ServiceError
from events.core.settings import Settings
from events.ground import KEY_FILE, Ground, ground
from events.messaging.incoming.imap import parse_imap_url
from events.messaging.incoming.queries import trouble
from events.messaging.pacing import parse_rates
from events.messaging.smtp import parse_mail_url

GIGABYTE = 1_000_000_000
SHORTEST_KEY = 32
TICK_LATE = timedelta(minutes=3)
BACKUP_OLD = timedelta(days=2)
_PORTS = {"amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379}


def doctor(send_to: str | None = None) -> None:
    """Examine the installation, and send a test mail to `send_to`; exit code 1 when something keeps it from working."""
    known = settings.get_settings()
    found = [*_settings(known), *mail_access.examine(known), *sender_domain.examine(known)]
    if send_to is not None:
        found.append(asyncio.run(mail_access.send_test(known, send_to, now=clock.now())))
    try:
        with ground() as settled:
            found += asyncio.run(_database(settled))
    except (ServiceError, EmbeddedError) as error:
        found.append(Finding(Level.BAD, str(error)))
    for finding in found:
        typer.echo(f"{finding.level:<5} {finding.text}")
    bad = sum(finding.level is Level.BAD for finding in found)
    typer.echo("\nEverything needed is there." if not bad else f"\n{bad} things need mending.")
    sys.exit(1 if bad else 0)


def _settings(known: Settings) -> Iterator[Finding]:
    yield from _data_dir(known)
    yield from _mail(known)
    yield from _bounces(known)
    if known.broker_url:
        yield _reaches("The broker", known.broker_url, _PORTS.get(urlsplit(known.broker_url).scheme))
    if known.secret_key and len(known.secret_key) < SHORTEST_KEY:
        yield Finding(Level.BAD, "SIXNET_SECRET_KEY is short: links could be guessed. Use 32 signs or more.")
    yield _retention(known)
    if not known.provider_name:
        yield Finding(Level.NOTE, "SIXNET_PROVIDER_NAME is not set: the privacy notice names no controller.")


def _retention(known: Settings) -> Finding:
    kept = f"who took part is known for {known.retention_months} months after an event, and deleted then"
    if "retention_months" in known.model_fields_set:
        return Finding(Level.FINE, f"SIXNET_RETENTION_MONTHS is set: {kept}.")
    text = f"SIXNET_RETENTION_MONTHS is not set: {kept}. Set it to what your funders ask evidence for."
    return Finding(Level.NOTE, text)


def _data_dir(known: Settings) -> Iterator[Finding]:
    folder = known.data_dir
    if not folder.is_dir():
        yield Finding(Level.NOTE, f"The data directory {folder} does not exist yet; the first start makes it.")
        return
    if not os.access(folder, os.W_OK):
        yield Finding(Level.BAD, f"The data directory {folder} cannot be written to.")
    if (key := folder / KEY_FILE).exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Finding(Level.BAD, f"{key} can be read by others: run `chmod 600 {key}`.")
    free = shutil.disk_usage(folder).free
    level = Level.FINE if free > GIGABYTE else Level.BAD
    yield Finding(level, f"The data directory is {folder}, with {free / GIGABYTE:.1f} GB free.")


def _mail(known: Settings) -> Iterator[Finding]:
    if not known.mail_url:
        yield Finding(Level.NOTE, "SIXNET_MAIL_URL is not set: no mail leaves; staff see it on the mailbox page.")
        return
    try:
        server = parse_mail_url(known.mail_url)
        parse_rates(known.mail_domain_rates)
    except ServiceError as error:
        yield Finding(Level.BAD, error.message)
        return
    yield _reaches("The mail server", f"smtp://{server.host}:{server.port}", server.port)
    if "@localhost" in known.mail_from:
        yield Finding(Level.BAD, "SIXNET_MAIL_FROM is not set: mail from sixnet@localhost will be refused.")


def _bounces(known: Settings) -> Iterator[Finding]:
    if known.bounce_imap_url:
        try:
            place = parse_imap_url(known.bounce_imap_url)
        except ServiceError as error:
            yield Finding(Level.BAD, error.message)
            return
        yield _reaches("The mailbox for mail that comes back", f"imap://{place.host}:{place.port}", place.port)
    elif known.mail_url and not known.bounce_webhook_secret:
        yield Finding(Level.NOTE, "Nothing reads mail that comes back: set SIXNET_BOUNCE_IMAP_URL, see operations.md.")


def _reaches(what: str, url: str, port: int | None) -> Finding:
    parts = urlsplit(url)
    if parts.scheme in {"postgresql", "postgres"}:
        return Finding(Level.FINE, f"{what} is a PostgreSQL database.")
    place = (parts.hostname or "", parts.port or port or 0)
    try:
        socket.create_connection(place, timeout=5).close()
    except OSError as error:
        return Finding(Level.BAD, f"{what} at {place[0]}:{place[1]} does not answer: {error.strerror or error}.")
    return Finding(Level.FINE, f"{what} at {place[0]}:{place[1]} answers.")


async def _database(settled: Ground) -> list[Finding]:
    async with database.pooled(settled.url, size=2):
        version = await database.fetchval("SHOW server_version")
        kind = "embedded" if settled.embedded else "your own"
        found = [Finding(Level.FINE, f"The database ({kind}, PostgreSQL {version}) answers.")]
        if not await schema.is_current():
            found.append(Finding(Level.BAD, "The database was not migrated by this version: run `sixnet migrate`."))
        if await database.fetchval("SELECT to_regclass('message') IS NULL"):
            return found
        found += await _state(clock.now())
        await address.adopt_public_url()
        found += _public_url(settings.get_settings())
    return found


async def _state(now: datetime) -> list[Finding]:
    rows = await database.fetch("SELECT key, changed_at FROM service_state")
    known = {row["key"]: row["changed_at"] for row in rows}
    return [
        *_running(known, now),
        *await delivery.parked_jobs(),
        *await delivery.failing_jobs(now),
        *await delivery.mails(now),
        *await delivery.webhooks(now),
        *await delivery.answers(now),
        *await _read_bounces(),
        _backup(known, now),
    ]


def _running(known: dict[str, datetime], now: datetime) -> Iterator[Finding]:
    for key, what in (("last_tick", "The minute tick"), ("worker", "The worker")):
        last = known.get(key)
        if last is None:
            yield Finding(Level.BAD, f"{what} has never run: start `sixnet worker`, or `sixnet serve --with-worker`.")
        elif now - last > TICK_LATE:
            yield Finding(Level.BAD, f"{what} last ran {ago(now - last)} ago: start `sixnet worker`.")
        else:
            yield Finding(Level.FINE, f"{what} runs.")


async def _read_bounces() -> list[Finding]:
    if wrong := await trouble():
        return [Finding(Level.BAD, f"The mailbox for mail that comes back could not be read: {wrong}.")]
    return []


def _backup(known: dict[str, datetime], now: datetime) -> Finding:
    last = known.get(LAST_BACKUP)
    if last is None:
        return Finding(Level.NOTE, "There has been no backup: run `sixnet backup FILE` every night.")
    level = Level.NOTE if now - last > BACKUP_OLD else Level.FINE
    return Finding(level, f"The last backup is {ago(now - last)} old.")


def _public_url(known: Settings) -> Iterator[Finding]:
    url = known.public_url
    if not url:
        yield Finding(Level.NOTE, "SIXNET_PUBLIC_URL is not set and the web pages never ran: links lead nowhere yet.")
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding(Level.BAD, f"SIXNET_PUBLIC_URL is {url!r}; it should be like https://events.example.")
    elif _is_local(parts.hostname):
        yield Finding(Level.NOTE, f"Links in mails lead to {url}, which works on this machine alone.")
    elif parts.scheme == "http":
        yield Finding(
            Level.BAD, f"{url} is not https: passwords and cookies travel in the clear, no camera at the door."
        )
    else:
        yield Finding(Level.FINE, f"The public address is {url}.")
        if not known.trusted_proxies:
            text = "SIXNET_TRUSTED_PROXIES is not set: behind a proxy all visitors share one limit of tries."
            yield Finding(Level.NOTE, text)


def _is_local(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")
