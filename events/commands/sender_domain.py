"""What the sender’s domain says to those who receive its mail: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parseaddr

import dns.exception
import dns.resolver
from msgspec import Struct

from events.commands.findings import Finding, Level
from events.core.addresses import normal_address
from events.core.settings import Settings

LONGEST = 20.0
"""Seconds for all questions together."""

LONGEST_QUESTION = 5.0
MOST_SELECTORS = 5
MOST_LOOKUPS = 10
"""Other records that an SPF record may make receivers ask for (RFC 7208, 4.6.4)."""

_ASKS = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?", re.IGNORECASE)


class _Silent(Exception):
    """DNS does not answer; which says nothing of the domain."""


class Dns:
    """Asks for TXT records, all in a bounded time."""

    def __init__(self, resolver: dns.resolver.Resolver, *, seconds: float = LONGEST) -> None:
        self._resolver = resolver
        self._end = time.monotonic() + seconds

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, none when it has none or does not exist; raises _Silent."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise _Silent(f"there was no time left for {name}")
        try:
            answer = self._resolver.resolve(f"{name}.", "TXT", lifetime=min(left, LONGEST_QUESTION))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise _Silent(f"it was asked for {name}: {type(error).__name__}") from error
        return [b"".join(row.strings).decode(errors="replace").strip() for row in answer]


class Policy(Struct, frozen=True):
    """A DMARC record that holds for a domain, and the domain at which it stands; `tags` is empty when there is none."""

    domain: str
    tags: Mapping[str, str]


def examine(known: Settings, resolver: dns.resolver.Resolver | None = None) -> list[Finding]:
    """Look at the records of the domains in `mail_from` and `mail_bounce_address`; nothing where no mail leaves."""
    if not known.mail_url or "@localhost" in known.mail_from:
        return []
    sender = _domain(known.mail_from)
    envelope = _domain(known.mail_bounce_address or known.mail_from)
    found: list[Finding] = [
        Finding(Level.BAD, f"{name} holds no address that mail can come from.")
        for name, domain in (("SIXNET_MAIL_FROM", sender), ("SIXNET_MAIL_BOUNCE_ADDRESS", envelope))
        if not domain
    ]
    if found:
        return found
    try:
        asked = Dns(resolver or dns.resolver.Resolver())
        for finding in _records(asked, sender, envelope, known.mail_dkim_selectors):
            found.append(finding)  # noqa: PERF402 - what was found before DNS fell silent is told
    except (_Silent, dns.exception.DNSException, OSError) as error:
        why = str(error) or type(error).__name__
        text = f"DNS gave no answer ({why}): what it says of the sender’s domain was not looked at to the end."
        found.append(Finding(Level.NOTE, text))
    return found


def _records(asked: Dns, sender: str, envelope: str, selectors: str) -> Iterator[Finding]:
    yield _spf(envelope, asked.texts(envelope))
    signed = list(_dkim(asked, sender, selectors))
    yield from signed
    policy = _policy(asked, sender)
    yield _dmarc(sender, policy)
    yield from _alignment(sender, envelope, policy, signed=any(one.level is Level.FINE for one in signed))


def _spf(domain: str, texts: list[str]) -> Finding:
    records = [text.lower() for text in texts if re.match(r"v=spf1( |$)", text.lower())]
    if not records:
        text = f"{domain} has no SPF record: nobody knows which servers may send its mail. Publish one as TXT."
        return Finding(Level.BAD, text)
    if len(records) > 1:
        return Finding(Level.BAD, f"{domain} has {len(records)} SPF records, so none counts: make one of them.")
    terms = records[0].split()[1:]
    last = next((term for term in terms if term.lstrip("+-~?") == "all"), "")
    if last in {"all", "+all"}:
        return Finding(
            Level.BAD, f"The SPF record of {domain} lets every server send (+all): end it with ~all or -all."
        )
    if sum(re.split("[:=/]", term.lstrip("+-~?"))[0] in _ASKS for term in terms) > MOST_LOOKUPS:
        text = f"The SPF record of {domain} asks for more than {MOST_LOOKUPS} others: receivers take it as broken."
        return Finding(Level.BAD, text)
    if last == "?all" or not (last or any(term.startswith("redirect=") for term in terms)):
        return Finding(Level.NOTE, f"The SPF record of {domain} refuses no server: end it with ~all or -all.")
    return Finding(Level.FINE, f"{domain} has an SPF record. Whether it names your mail server, a test mail shows.")


def _dkim(asked: Dns, domain: str, selectors: str) -> Iterator[Finding]:
    """Look at the keys; one that is good is enough, for mail servers change between theirs."""
    wanted = [each.strip() for each in selectors.split(",") if each.strip()][:MOST_SELECTORS]
    if not wanted:
        yield Finding(
            Level.NOTE,
            "SIXNET_MAIL_DKIM_SELECTORS is not set, so DKIM was not looked at: set it to what stands as s= in the"
            " DKIM-Signature of a mail that arrived (Microsoft 365: selector1,selector2).",
        )
        return
    good, bad = [], []
    for selector in wanted:
        name = f"{selector}._domainkey.{domain}"
        if not _SELECTOR.fullmatch(selector):
            bad.append(f"{selector!r} in SIXNET_MAIL_DKIM_SELECTORS is no selector.")
            continue
        keys = [tags["p"] for tags in map(_tags, asked.texts(name)) if "p" in tags]
        if any(keys):
            good.append(f"{name} holds a DKIM key.")
        else:
            bad.append(f"{name} {'holds a DKIM key that was revoked' if keys else 'holds no DKIM key'}.")
    yield from (Finding(Level.FINE, text) for text in good)
    yield from (Finding(Level.NOTE if good else Level.BAD, text) for text in bad)


def _policy(asked: Dns, domain: str) -> Policy | None:
    """Find the DMARC record of a domain or of one above it; None when several stand at one name: none counts then."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        place = ".".join(labels[start:])
        records = [text for text in asked.texts(f"_dmarc.{place}") if re.match(r"v=DMARC1\s*(;|$)", text)]
        if len(records) > 1:
            return None
        if records:
            return Policy(place, _tags(records[0]))
    return Policy(domain, {})


def _dmarc(domain: str, policy: Policy | None) -> Finding:
    if policy is None:
        return Finding(Level.BAD, f"{domain} has several DMARC records, so none counts: keep one.")
    if not policy.tags:
        text = f"{domain} has no DMARC record: anybody may write in its name, and some receivers trust its mail less."
        return Finding(Level.NOTE, f"{text} Publish one at _dmarc.{domain}.")
    wish = _wish(domain, policy)
    if wish in {"quarantine", "reject"}:
        return Finding(Level.FINE, f"{domain} asks by DMARC to {wish} what was forged.")
    if wish == "none":
        text = f"{domain} has a DMARC record that only watches (p=none): forged mail in its name is let through."
        return Finding(Level.NOTE, text)
    return Finding(Level.BAD, f"The DMARC record of {policy.domain} has no policy (p=none, quarantine or reject).")


def _alignment(sender: str, envelope: str, policy: Policy | None, *, signed: bool) -> Iterator[Finding]:
    """Say when SPF is of another domain than the sender's: for DMARC it counts for nothing then, only a signature."""
    tags = policy.tags if policy else {}
    roof = policy.domain if policy and tags else ""
    related = any(_within(one, other) for one, other in ((sender, envelope), (envelope, sender)))
    shared = bool(roof) and _within(sender, roof) and _within(envelope, roof)
    if sender == envelope or (tags.get("aspf") != "s" and (related or shared)):
        return
    strict = policy is not None and _wish(sender, policy) in {"quarantine", "reject"}
    text = f"The envelope’s sender is of {envelope}: by DMARC mail of {sender} needs a signature (DKIM) of {sender}."
    yield Finding(Level.BAD if strict and not signed else Level.NOTE, text)


def _wish(domain: str, policy: Policy) -> str:
    of_subdomains = policy.tags.get("sp", "") if policy.domain != domain else ""
    return (of_subdomains or policy.tags.get("p", "")).lower()


def _within(domain: str, roof: str) -> bool:
    return domain == roof or domain.endswith(f".{roof}")


def _tags(text: str) -> dict[str, str]:
    """Read `name=value` between semicolons; of values only the letters."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _sign, value in pairs if name.strip()}


def _domain(sender: str) -> str:
    return (normal_address(parseaddr(sender)[1]) or "").rpartition("@")[2]
