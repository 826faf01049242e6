"""What the statement of a registration takes, from what someone said of themselves."""

from datetime import datetime
from uuid import UUID, uuid4

from events.core.actor import Actor
from events.core.idempotency import Repeatable
from events.network.matching import is_sole_trader, organisation_key, telling_domain
from events.registration.hot_path import Parameters
from events.registration.new_registration import NewRegistration

SELF_ENTERED = frozenset({"form", "api"})
"""Sources whose addresses nobody has seen to be right: the event may ask to confirm them."""

AT_THE_DOOR = "walk_in"
"""The source of who is at the door already: they come in beyond the places too, and then stand in line on paper."""


def parameters(
    event: UUID | str,
    new: NewRegistration,
    *,
    mark: Repeatable,
    actor: Actor,
    now: datetime,
    source: str,
    send: bool,
    any_time: bool,
) -> Parameters:
    """Return the parameters of a registration; those of the ticket are still empty."""
    message, domain = uuid4(), telling_domain(new.email or "")
    vouched = not send or new.email is None or source not in SELF_ENTERED
    return Parameters(
        event=event,
        now=now,
        any_time=any_time,
        beyond=source == AT_THE_DOOR,
        admitted=source not in SELF_ENTERED,
        unanswered=False,
        id=uuid4(),
        site=new.site,
        given_name=new.given_name,
        family_name=new.family_name,
        folded=new.person_key,
        email=new.email,
        person_id=uuid4(),
        organisation=new.organisation,
        organisation_key=organisation_key(new.organisation),
        organisation_id=uuid4(),
        business_id=new.business_id,
        domain=domain,
        learn_domain=[domain] if domain and vouched else [],
        sole_trader=is_sole_trader(new.organisation, new.name),
        organisation_type=None if new.size is None else "other" if new.size == "none" else "company",
        size=new.size,
        municipality=new.municipality,
        country=new.country,
        role=new.role.value,
        language=new.language,
        notice_version=new.notice_version,
        source=source,
        ticket_hash=b"",
        ticket_code="",
        ticket_generation=0,
        manage_hash=b"",
        consent_kinds=[kind.value for kind in new.consents],
        consent_texts=list(new.consents.values()),
        send=send and new.email is not None,
        vouched=vouched,
        message=message,
        message_id=f"<{message.hex}@sixnet>",
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        scope=mark.scope,
        key=mark.key,
        body_hash=mark.body_hash,
    )
