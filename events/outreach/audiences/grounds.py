"""By what right somebody may be written to unasked, and what they do not want to hear of: as SQL."""

AGREED = """
EXISTS (SELECT FROM consent JOIN registration ON registration.id = consent.registration
    JOIN event ON event.id = registration.event
    WHERE registration.person = person.id AND consent.kind = 'news' AND given AND withdrawn_at IS NULL
    -- an address that was to be confirmed and was not may be anybody's
    AND (event.address_hours IS NULL OR registration.address_confirmed)
    -- the last word counts, at whichever event it was said
    AND NOT EXISTS (SELECT FROM consent AS other JOIN registration AS theirs ON theirs.id = other.registration
        WHERE theirs.person = person.id AND other.kind = 'news' AND other.withdrawn_at > consent.given_at))
"""
"""Whether the person of the table `person` agrees to news now."""


def is_member(themes: str, today: str) -> str:
    """Return the SQL of whether the person of the table `person` is in a group of one of the themes on a day."""
    return f"""
    EXISTS (SELECT FROM group_member JOIN theme_group ON theme_group.id = group_member.theme_group
        WHERE group_member.person = person.id AND theme_group.theme = ANY({themes})
        AND starts_on <= {today} AND (ends_on IS NULL OR ends_on >= {today}))
    """


def refuses(address: str, themes: str) -> str:
    """Return the SQL of whether an address wants to hear of none of these themes; of no theme everybody hears."""
    return f"""
    (cardinality({themes}) > 0 AND NOT EXISTS (SELECT FROM unnest({themes}) AS theme WHERE theme NOT IN (
        SELECT refused_theme.theme FROM refused_theme WHERE refused_theme.address = {address})))
    """
