"""Which pull requests a merge queue is about to merge together, and what stands on the commit it made of them."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.core.pull import Repository
from bot.core.render import check_name
from bot.core.writes import PostedCheck
from bot.github.client import Client, Variables, shaped
from bot.github.errors import Gone
from bot.github.read.checks import Suite, latest_own_run
from bot.github.read.documents import document
from bot.github.read.shapes import Nodes, Oid
from bot.github.read.told import present_name
from bot.jobs import JudgeGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A pull request of the group, at the head with which it stands in the queue."""

    number: int
    head_sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`members` are in the order of the queue; empty when the queue does not name all of them."""

    repository: Repository
    members: tuple[Member, ...]
    posted: PostedCheck | None


class _Pull(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    head_ref_oid: str


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    position: int
    head_commit: Oid | None
    pull_request: _Pull | None


class _Queue(msgspec.Struct, frozen=True):
    entries: Nodes[_Entry] | None


class _Commit(msgspec.Struct, frozen=True, rename="camel"):
    check_suites: Nodes[Suite] | None


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    database_id: int
    name_with_owner: str
    merge_queue: _Queue | None
    posted: _Commit | None


class _Answer(msgspec.Struct, frozen=True):
    repository: _Repository | None


async def read_group(client: Client, job: JudgeGroup) -> Group:
    """The group as the queue tells it now. Gone when its commit is not there any more."""
    repository = await _ask(client, job, job.owner, job.name)
    if repository is None or repository.database_id != job.repository_id:
        # The repository was renamed or transferred, and somebody else may have its old name.
        repository = await _ask(client, job, *await present_name(client, job.repository_id))
    if repository is None or repository.posted is None:
        raise Gone(f"merge group {job.head_sha[:8]} of {job.owner}/{job.name}")
    owner, _, name = repository.name_with_owner.partition("/")
    return Group(
        repository=Repository(id=repository.database_id, owner=owner, name=name),
        members=_members(repository.merge_queue, job.head_sha),
        posted=latest_own_run(repository.posted.check_suites, client.app_id, check_name(job.base_ref), job.head_sha),
    )


async def _ask(client: Client, job: JudgeGroup, owner: str, name: str) -> _Repository | None:
    variables: Variables = {
        "owner": owner,
        "name": name,
        "branch": job.base_ref,
        "head": job.head_sha,
        "checkName": check_name(job.base_ref),
    }
    missing = frozenset({"repository"})
    return shaped(await client.query(document("group"), variables, may_be_missing=missing), _Answer).repository


def _members(queue: _Queue | None, head_sha: str) -> tuple[Member, ...]:
    """The entry that the commit was made for, and all before it: a group builds on those ahead of it in the queue.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
    """
    if queue is None or queue.entries is None:
        return ()
    entries = [entry for entry in queue.entries.nodes if entry is not None]
    last = [entry for entry in entries if entry.head_commit is not None and entry.head_commit.oid == head_sha]
    if len(entries) != queue.entries.total_count or len(last) != 1:
        return ()
    group = sorted((one for one in entries if one.position <= last[0].position), key=lambda one: one.position)
    if any(one.pull_request is None for one in group):
        return ()
    return tuple(
        Member(number=one.pull_request.number, head_sha=one.pull_request.head_ref_oid)
        for one in group
        if one.pull_request is not None
    )
