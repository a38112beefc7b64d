"""Commits as GraphQL and REST tell them, with the accounts behind their names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from bot.core.pull import Actor, ActorKind, Commit, Signatory, Signature
from bot.github.read.accounts import LinkedUser


class Person(msgspec.Struct, frozen=True):
    name: str | None = None
    email: str | None = None
    user: LinkedUser | None = None

    def signatory(self) -> Signatory:
        return Signatory(name=self.name or "", email=self.email or "")


NOBODY = Person()


class Parent(msgspec.Struct, frozen=True):
    oid: str


class Tree(msgspec.Struct, frozen=True):
    oid: str


class Parents(msgspec.Struct, frozen=True, rename="camel"):
    total_count: int
    nodes: tuple[Parent | None, ...]


class Authors(msgspec.Struct, frozen=True, rename="camel"):
    total_count: int
    nodes: tuple[Person | None, ...]


class ToldSignature(msgspec.Struct, frozen=True, rename="camel"):
    is_valid: bool
    key_id: str | None = None
    key_fingerprint: str | None = None

    def signature(self) -> Signature:
        fingerprint = self.key_id or ""
        if self.key_fingerprint:
            fingerprint = f"SHA256:{self.key_fingerprint.removeprefix('SHA256:')}"
        return Signature(fingerprint=fingerprint, verified=self.is_valid)


class ToldCommit(msgspec.Struct, frozen=True, rename="camel"):
    """A commit of the Pull query. `authors` are its author and co-authors."""

    oid: str
    message: str
    authored_date: str
    tree: Tree
    authors: Authors
    parents: Parents
    author: Person | None
    committer: Person | None
    signature: ToldSignature | None

    def commit(self) -> Commit:
        author, committer = self.author or NOBODY, self.committer or NOBODY
        return Commit(
            sha=self.oid,
            message=self.message,
            author=author.signatory(),
            committer=committer.signatory(),
            parents=tuple(parent.oid for parent in self.parents.nodes if parent),
            author_account=author.user.actor() if author.user else None,
            committer_account=committer.user.actor() if committer.user else None,
            signature=self.signature.signature() if self.signature else None,
            tree=self.tree.oid,
            authorship=_authorship(author.name, author.email, self.authored_date),
        )

    def people(self) -> Iterable[Person]:
        return [person for person in (self.author, self.committer, *self.authors.nodes) if person]

    def lost(self) -> list[str]:
        whole = len(self.authors.nodes) == self.authors.total_count and None not in self.authors.nodes
        parents = len(self.parents.nodes) == self.parents.total_count and None not in self.parents.nodes
        missing = [name for name, told in (("authors", whole), ("parents", parents)) if not told]
        nobody = [name for name, who in (("author", self.author), ("committer", self.committer)) if who is None]
        return [
            *(f"commit {self.oid[:8]}: not all of its {name} were told" for name in missing),
            *(f"commit {self.oid[:8]}: its {name} was not told" for name in nobody),
        ]


class RestUser(msgspec.Struct, frozen=True):
    """REST answers null or an empty object where it links no account."""

    login: str = ""
    id: int | None = None
    type: str = ""

    def actor(self) -> Actor | None:
        if not self.login:
            return None
        known = self.type in ActorKind._value2member_map_
        return Actor(login=self.login, id=self.id, kind=ActorKind(self.type) if known else ActorKind.GHOST)


class RestSignatory(msgspec.Struct, frozen=True):
    name: str | None = None
    email: str | None = None
    date: str | None = None


class RestObject(msgspec.Struct, frozen=True):
    sha: str


class RestGitCommit(msgspec.Struct, frozen=True):
    message: str
    tree: RestObject
    author: RestSignatory | None = None
    committer: RestSignatory | None = None


class RestCommit(msgspec.Struct, frozen=True):
    """A commit of a REST comparison."""

    sha: str
    commit: RestGitCommit
    parents: tuple[RestObject, ...]
    author: RestUser | None = None
    committer: RestUser | None = None

    def as_commit(self) -> Commit:
        author, committer = self.commit.author or RestSignatory(), self.commit.committer or RestSignatory()
        return Commit(
            sha=self.sha,
            message=self.commit.message,
            author=Signatory(name=author.name or "", email=author.email or ""),
            committer=Signatory(name=committer.name or "", email=committer.email or ""),
            parents=tuple(parent.sha for parent in self.parents),
            author_account=self.author.actor() if self.author else None,
            committer_account=self.committer.actor() if self.committer else None,
            tree=self.commit.tree.sha,
            authorship=_authorship(author.name, author.email, author.date),
        )


def _authorship(name: str | None, email: str | None, date: str | None) -> str:
    """GraphQL and REST write the same date the same way: ISO 8601 in UTC, to the second."""
    if not date:
        return ""
    told = "\0".join((name or "", email or "", date))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def accounts_by_email(people: Iterable[Person]) -> dict[str, Actor]:
    """E-mail address (lower case) to account, where GitHub knows one."""
    return {person.email.lower(): person.user.actor() for person in people if person.email and person.user}
