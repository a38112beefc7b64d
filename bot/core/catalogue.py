"""Everything the judgement knows as data: the markers of AI tools and the kinds of infrastructure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.blast.infra import Infra
from bot.core.provenance.markers import Markers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    markers: Markers
    infra: Infra
