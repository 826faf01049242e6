"""What the service itself writes into the ledger of why a message stands as it does, and how a page says it.

The ledger holds these words as they are here, whatever language who looks reads; all others are the mail server's.
"""

from collections.abc import Mapping

from babel.support import LazyProxy

from events.core.i18n import lazy_gettext as _

NOT_WRITTEN_TO = "the address is not written to any more"
NOT_REACHED = "mail does not reach this address"
NO_ADDRESS = "no mail can be sent to this address"
NOTHING_TO_SAY = "nothing left to say"
HELD = "held"
TOOK_TOO_LONG = "the batch took too long"
NO_ANSWER = "the server does not answer"
NOT_WRITTEN = "not written"
"""Before the name of the error."""

TRIED_ENOUGH = "given up after too many tries"
ENDS_WORKERS = "given up: workers ended while they had it in hand"

_SAID: Mapping[str, LazyProxy] = {
    NOT_WRITTEN_TO: _("This address is not written to any more."),
    NOT_REACHED: _("Mail does not reach this address."),
    NO_ADDRESS: _("No mail can be sent to this address."),
    NOTHING_TO_SAY: _("There was nothing left to say: what it was about had changed."),
    HELD: _("It is held by who wrote it."),
    TOOK_TOO_LONG: _("Its turn comes a little later."),
    NO_ANSWER: _("The mail server does not answer."),
    NOT_WRITTEN: _("The letter could not be written because of an error."),
    TRIED_ENOUGH: _("Given up after too many tries."),
    ENDS_WORKERS: _("Given up: sending it was broken off again and again."),
}


def said(words: str) -> tuple[str, str]:
    """Return words of the ledger as (what the service says, in the reader's language, and what is technical).

    The first is "" for words that are the mail server's alone, the second for our own.
    """
    own, _colon, error = words.partition(": ")
    if words in _SAID:
        return str(_SAID[words]), ""
    if own == NOT_WRITTEN:
        return str(_SAID[own]), error
    return "", words
