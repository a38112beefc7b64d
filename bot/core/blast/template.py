"""YAML that may be a template, read best effort, and what is said of the part that nobody could read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.blast.actions import holes_in, is_template
from bot.core.blast.language import Source
from bot.core.blast.yamls import EMPTY, Mapping, Node

# Files that are rendered before anything else reads them.
_RENDERED = (".j2", ".jinja", ".jinja2", ".tpl", ".tmpl", ".tftpl", ".gotmpl", ".template", ".erb", ".in", ".m4")
BEST_EFFORT = "as far as a template can be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One side of a file. `fault` says why it was not read whole, "" when it was. `holes` are a template's actions, in
    order, () when the text was read as it stands.
    """

    path: str
    documents: tuple[Node, ...] = ()
    fault: str = ""
    holes: tuple[str, ...] = ()

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        return tuple(document for document in self.documents if isinstance(document, Mapping))

    @property
    def root(self) -> Mapping:
        """The first mapping, an empty one when there is none."""
        return next(iter(self.mappings), EMPTY)


def read_text(source: Source | None) -> Text:
    """As it stands if it can be read so, else as a template if it has the marks of one. Nothing for a missing side."""
    if source is None:
        return Text(path="")
    read = source.documents
    if not read.fault or not is_template(source.text):
        return Text(path=source.path, documents=read.documents, fault=read.fault)
    read = source.documents_without_actions
    return Text(path=source.path, documents=read.documents, fault=read.fault, holes=holes_in(source.text))


def unread_texts(texts: Iterable[Text], what: str = "YAML") -> Iterator[str]:
    """A sentence for each text that was not read whole."""
    for text in texts:
        if text.fault:
            yield f"`{text.path}` is no {what}: {text.fault}"


def unread_holes(base: Text, head: Text) -> Iterator[str]:
    """A sentence when actions changed in a file that is no template by nature: nobody read what they hold."""
    if base.path and head.path and base.holes != head.holes and not is_rendered(head.path):
        yield f"`{head.path}` is a template, and what changed inside its actions was not read"


def is_rendered(path: str) -> bool:
    """Whether a file is a template by its name. Helmfile renders its own files."""
    name = path.rpartition("/")[2].casefold()
    return name.endswith(_RENDERED) or "helmfile" in path.casefold()
