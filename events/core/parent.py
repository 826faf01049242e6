"""Leaving with the process that started this one, however it ended: no orphans."""

import os
import signal
import threading
import time

INTERVAL = 1.0
"""Seconds between looks at who our parent is."""

PATIENCE = 60.0
"""Seconds to finish in once the parent is gone."""

_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_VARIABLE = "SIXNET_PARENT_PID"


def be_parent() -> None:
    """Let processes that are started from now on know this one as the parent that they leave with."""
    os.environ[_VARIABLE] = str(os.getpid())


def leave_with_parent() -> None:
    """End this process as SIGTERM would when its parent is gone; asking works on every system, unlike PDEATHSIG."""
    # Named by the parent: it may have gone before we could ask who it is.
    parent = int(os.environ.get(_VARIABLE, os.getppid()))
    if os.getppid() != parent:
        os._exit(1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(1)

    # The thread must not take signals that the main thread has put off, as Dramatiq does until it can handle them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    threading.Thread(target=watch, name="parent", daemon=True).start()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
