"""Knowledge as rows: AI markers, infrastructure kinds, dangers; each with source and examples."""

from __future__ import annotations

import functools
from importlib import resources

from bot.core.catalogue import Catalogue
from bot.core.provenance.markers import parse_markers
from bot.data.infra import load_infra


@functools.cache
def load_catalogue() -> Catalogue:
    """The shipped catalogue, parsed once. Raises CatalogueError when a row is faulty."""
    return Catalogue(markers=parse_markers(_read("markers.toml")), infra=load_infra())


def _read(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
