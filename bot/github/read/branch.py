"""Where a branch stands, and which policy holds there."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.core.policy.model import Policy, PolicyError
from bot.github.client import Client, Variables, shaped
from bot.github.errors import Gone
from bot.github.read.documents import document
from bot.github.read.policies import Choose, choose_policy_of
from bot.github.read.shapes import BaseTip, OrganisationRepository
from bot.github.read.told import present_name
from bot.jobs import AuditBranch

HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """`owner` and `name` are the repository's present ones. `tip` is a commit."""

    owner: str
    name: str
    branch: str
    tip: str
    is_default: bool
    policy: Policy | PolicyError


class _Ref(msgspec.Struct, frozen=True):
    name: str
    target: BaseTip | None


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    database_id: int
    name_with_owner: str
    default_branch_ref: _Ref | None
    ref: _Ref | None


class _Answer(msgspec.Struct, frozen=True):
    repository: _Repository | None
    organisation: OrganisationRepository | None


async def read_branch(client: Client, job: AuditBranch, choose: Choose) -> Branch:
    """The branch of the job, the default one for "". Gone when there is no such repository or branch."""
    answer = await _ask(client, job.owner, job.name, job.branch)
    if answer.repository is None or answer.repository.database_id != job.repository_id:
        # The repository was renamed or transferred, and somebody else may have its old name.
        answer = await _ask(client, *await present_name(client, job.repository_id), job.branch)
    told = answer.repository
    found = None if told is None else told.ref if job.branch else told.default_branch_ref
    if told is None or found is None or found.target is None:
        raise Gone(f"branch {job.branch} of {job.owner}/{job.name}")
    owner, _, name = told.name_with_owner.partition("/")
    return Branch(
        owner=owner,
        name=name,
        branch=found.name,
        tip=found.target.oid,
        is_default=told.default_branch_ref is not None and told.default_branch_ref.name == found.name,
        policy=choose_policy_of(told.name_with_owner, found.target, answer.organisation, choose),
    )


async def _ask(client: Client, owner: str, name: str, branch: str) -> _Answer:
    variables: Variables = {"owner": owner, "name": name, "ref": f"{HEADS}{branch}"}
    missing = frozenset({"repository", "organisation"})
    return shaped(await client.query(document("branch"), variables, may_be_missing=missing), _Answer)
