"""The Kubernetes objects that the texts of one side declare, by kind, namespace and name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.blast.actions import is_template
from bot.core.blast.language import Declared, Source
from bot.core.blast.yamls import Documents, Mapping, flatten_with_lines

# A client-side file that only tells how objects are built.
_BUILD_GROUPS = ("kustomize.config.k8s.io/", "helm.sh/", "skaffold/", "config.k8s.io/")
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """`namespace` is "" where the manifest leaves it to whoever applies it. `is_template`: read best effort."""

    declared: Declared
    node: Mapping
    kind: str
    group: str
    namespace: str
    name: str
    is_template: bool

    @property
    def is_passing(self) -> bool:
        """A job that a hook or a generated name makes anew each time is gone after it ran."""
        annotations = self.node.mapping("metadata", "annotations").entries
        generated = self.node.get("metadata", "generateName") is not None
        return generated or any(name.endswith(("/hook", "hook-delete-policy")) for name in annotations)

    @property
    def is_patch(self) -> bool:
        """A workload without a single image is an overlay's patch of an object that stands elsewhere."""
        is_partial = self.kind in _WORKLOADS and not any(path.endswith(".image") for path in self.declared.attributes)
        return is_partial or self.is_deletion

    @property
    def is_deletion(self) -> bool:
        """A patch that takes the object of its name out of what is built.

        https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
        """
        return self.node.text("$patch") == "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """One side. `faults` say, a sentence each, what could not be read."""

    objects: tuple[Object, ...]
    faults: tuple[str, ...]


def read_objects(sources: Iterable[Source]) -> Objects:
    found: list[Object] = []
    faults: list[str] = []
    for source in sources:
        templated = is_template(source.text)
        documents = _documents(source, templated=templated)
        for document in documents.mappings:
            found += _objects_in(document, source, templated=templated)
        if documents.fault:
            faults.append(f"`{source.path}` is no YAML: {documents.fault}")
    return Objects(objects=tuple(found), faults=tuple(faults))


def _documents(source: Source, *, templated: bool) -> Documents:
    as_it_stands = source.documents
    if not templated and not as_it_stands.fault:
        return as_it_stands
    read = source.documents_without_actions
    # Marks of a template inside a text or a comment, far apart, would take all between them for one action.
    return read if as_it_stands.fault or _named(read) >= _named(as_it_stands) else as_it_stands


def _named(documents: Documents) -> int:
    return sum(bool(one.text("kind") and one.text("metadata", "name")) for one in documents.mappings)


def _objects_in(document: Mapping, source: Source, *, templated: bool) -> Iterator[Object]:
    kind = document.text("kind")
    version = document.text("apiVersion")
    if not kind or version.startswith(_BUILD_GROUPS):
        return
    if kind.endswith("List") and document.get("items") is not None:
        for item in document.items("items"):
            if isinstance(item, Mapping):
                yield from _objects_in(item, source, templated=templated)
        return
    namespace, name = document.text("metadata", "namespace"), document.text("metadata", "name")
    name = name or document.text("metadata", "generateName")
    attributes, lines = flatten_with_lines(document, by_name=True)
    declared = Declared(
        address="/".join(part for part in (kind, namespace, name) if part),
        type=kind,
        path=source.path,
        line=document.lines.get("kind", document.line),
        attributes=attributes,
        lines=lines,
    )
    yield Object(
        declared=declared,
        node=document,
        kind=kind,
        group=version.partition("/")[0] if "/" in version else "",
        namespace=namespace,
        name=name,
        is_template=templated,
    )
