"""Which items of the agenda one can have together, and what to say of those one cannot: pure functions."""

from collections.abc import Collection, Sequence
from uuid import UUID

from events.core.i18n import gettext as _
from events.programme.agenda.rules import ItemView, at_site, clashes


def offered(agenda: Sequence[ItemView], site: UUID | None = None) -> list[ItemView]:
    """Return what one signs up for: all of it, or what takes place at a site."""
    return [item for item in (agenda if site is None else at_site(agenda, site)) if item.sign_up]


def mistakes(agenda: Sequence[ItemView], wanted: Collection[UUID], site: UUID) -> list[str]:
    """Say why nobody at a site can have these items together, be there places or not."""
    chosen = [item for item in offered(agenda) if item.id in wanted]
    here = at_site(chosen, site)
    said = [_("One cannot sign up for that here.")] if len(chosen) < len(set(wanted)) else []
    said += [_("%(name)s takes place elsewhere.", name=item.title[0]) for item in chosen if item not in here]
    return said + [
        _("%(one)s and %(other)s are at the same time: choose one of them.", one=one.title[0], other=other.title[0])
        for one, other in clashes(here)
    ]


def without_place(agenda: Sequence[ItemView], full: Collection[UUID]) -> list[str]:
    """Say of items that they have no place left."""
    return [_("This is full: %(name)s. Choose another.", name=item.title[0]) for item in agenda if item.id in full]
