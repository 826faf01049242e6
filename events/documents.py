"""Which documents can be asked for: every feature names its own, here they come together."""

from collections.abc import Mapping

from events.core.documents.shapes import Kind

KINDS: Mapping[str, Kind] = {}
