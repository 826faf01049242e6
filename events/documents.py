"""Which documents can be asked for: every feature names its own, here they come together."""

from collections.abc import Mapping

from events.checkin.papers import actions as papers
from events.core.documents.shapes import Kind
from events.registration.imports import work as imports
from events.registration.staff import bulk_work
from events.reports.funder import freezing_work
from events.reports.funder import work as funder
from events.reports.funder.evidence import pack as evidence

KINDS: Mapping[str, Kind] = {
    **papers.KINDS,
    **imports.KINDS,
    **bulk_work.KINDS,
    **funder.KINDS,
    **freezing_work.KINDS,
    **evidence.KINDS,
}
