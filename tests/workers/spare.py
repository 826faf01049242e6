"""A process that has imported everything and forks a worker for each line it reads, so that one starts at once.

A worker delivers what is due at the moment in its line and ends; the line may tell it to do without the lease.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta

from events.core import database, logs
from events.core.i18n import translations
from events.messaging import claiming, delivery
from events.messaging.letter import Letter, Owed
from events.messaging.tables import Reason
from tests.messaging.test_delivery import write

POISON = "poison@yritys.example"
"""Whose letter ends the process that writes it."""


async def compose(owed: Owed) -> Letter | None:
    if owed.recipient == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    return await write(owed)


COMPOSERS = {Reason.CONFIRMATION: compose}


def switch_lease_off() -> None:
    """Claim as if a message were anybody's at once, and never think that a lease runs out."""
    claiming._QUEUED = claiming._QUEUED.replace("state = 'queued'", "state IN ('queued', 'sending')")
    claiming.LEASE = timedelta(0)
    delivery.MARGIN = timedelta(days=-1)


async def deliver(url: str, now: datetime) -> None:
    async with database.pooled(url, size=delivery.LANES + 1):
        while await delivery.deliver_due(COMPOSERS, now=now):
            pass


def main(url: str) -> None:
    logs.configure()
    translations("fi")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is gone at once
    for line in sys.stdin:
        lease, now = line.split()
        pid = os.fork()
        if not pid:
            sys.stdin.close()
            if lease == "off":
                switch_lease_off()
            asyncio.run(deliver(url, datetime.fromisoformat(now)))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
