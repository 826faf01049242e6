"""The letters whose words can be changed: every feature names its own, here they come together."""

from collections.abc import Sequence
from functools import partial

from events.accounts import letters as accounts
from events.checkin import letters as checkin
from events.core import clock
from events.messaging.letter import Letter
from events.messaging.templates.shapes import Template, Words
from events.outreach import letters as outreach
from events.outreach.digest import letters as digest
from events.outreach.templates.shapes import Sample, Wording
from events.programme.made_up import made_up_event
from events.programme.queries import EventView
from events.registration import letter_samples
from events.registration.invitations import letters as invitations
from events.registration.letter_words import TEMPLATES as REGISTRATION
from events.registration.own.hearing_letter import HEAR_AGAIN, sample_hear_again
from events.registration.public.colleagues_letter import GROUP, sample_group
from events.registration.reminding import AFTERWARDS, sample_afterwards
from events.surveys import letters as surveys


def _of_staff(template: Template) -> Sample:
    async def sample(_event: EventView, words: Words | None) -> Letter:
        return await accounts.sample(template, words)

    return sample


async def _feedback(_event: EventView, words: Words | None) -> Letter:
    return await outreach.sample(words)


_ALL: Sequence[tuple[Template, Sample]] = (
    *((template, partial(letter_samples.sample, name)) for name, template in REGISTRATION.items()),
    (AFTERWARDS, sample_afterwards),
    (GROUP, sample_group),
    (HEAR_AGAIN, sample_hear_again),
    *((template, partial(invitations.sample, template)) for template in invitations.TEMPLATES.values()),
    (surveys.SURVEY, surveys.sample),
    (surveys.IMPACT, surveys.sample_impact),
    (surveys.TO_OTHERS, surveys.sample_to_others),
    (surveys.OWN, surveys.sample_own),
    (checkin.LEFT_OPEN, checkin.sample),
    (digest.DIGEST, digest.sample),
    (outreach.FEEDBACK, _feedback),
    *((template, _of_staff(template)) for template in accounts.TEMPLATES.values()),
)

WORDING = Wording(
    templates={template.name: template for template, _sample in _ALL},
    samples={template.name: sample for template, sample in _ALL},
    occasion=lambda: made_up_event(clock.now()),
)
