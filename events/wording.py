"""The letters whose words can be changed: every feature names its own, here they come together."""

from collections.abc import Mapping
from functools import partial

from events.core import clock
from events.messaging.templates.shapes import Template
from events.outreach.templates.shapes import Sample, Wording
from events.programme.made_up import made_up_event
from events.registration import letter_samples
from events.registration.invitations import letters as invitations
from events.registration.letter_words import TEMPLATES as REGISTRATION
from events.registration.public.colleagues_letter import GROUP, sample_group
from events.surveys import letters as surveys

INVITATIONS: Mapping[str, Template] = {template.name: template for template in invitations.TEMPLATES.values()}

SAMPLES: Mapping[str, Sample] = {
    **{name: partial(letter_samples.sample, name) for name in REGISTRATION},
    GROUP.name: sample_group,
    **{name: partial(invitations.sample, template) for name, template in INVITATIONS.items()},
    surveys.SURVEY.name: surveys.sample,
}

WORDING = Wording(
    templates={**REGISTRATION, GROUP.name: GROUP, **INVITATIONS, surveys.SURVEY.name: surveys.SURVEY},
    samples=SAMPLES,
    occasion=lambda: made_up_event(clock.now()),
)
