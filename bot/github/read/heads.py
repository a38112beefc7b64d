"""Whether a workflow run was of the head that it speaks of, and which open pull requests have that head."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from bot.github.client import Client, GitHub, shaped
from bot.github.errors import Invalid, NotFound, UploadRefused
from bot.github.identity import RunIdentity

_REPO = "/repos/{owner}/{name}"
MOST_PULLS = 100
_MERGE_REF = re.compile(r"refs/pull/([1-9][0-9]{0,9})/merge", re.ASCII)
_OF_THE_BRANCH = frozenset({"push", "workflow_dispatch"})


class _Commit(msgspec.Struct, frozen=True):
    sha: str


class _Commits(msgspec.Struct, frozen=True):
    parents: tuple[_Commit, ...]


class _Repository(msgspec.Struct, frozen=True):
    id: int


class _Base(msgspec.Struct, frozen=True):
    repo: _Repository


class _Pull(msgspec.Struct, frozen=True):
    number: int
    state: str
    head: _Commit
    base: _Base


class _Installation(msgspec.Struct, frozen=True):
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenHead:
    """The head that a run was of. `base_sha` is the commit it was merged into for the run, "" when it was not merged.

    `numbers` are the open pull requests that have this head now, at least one.
    """

    installation_id: int
    repository_id: int
    owner: str
    name: str
    head_sha: str
    base_sha: str
    numbers: tuple[int, ...]
    origin: str
    workflow: str


async def prove_head(github: GitHub, run: RunIdentity, owner: str, name: str, head_sha: str) -> ProvenHead:
    """UploadRefused when the run is another repository's, was not of `head_sha`, or no open pull request has it now."""
    if run.repository.casefold() != f"{owner}/{name}".casefold() or not run.repository_id.isdecimal():
        raise UploadRefused(403, f"the token is of {run.repository}, not of {owner}/{name}")
    installation_id = await _installation(github, owner, name)
    client = github.installation(installation_id)
    merged = _MERGE_REF.fullmatch(run.ref) if run.event_name == "pull_request" else None
    if merged is None and run.event_name not in _OF_THE_BRANCH:
        raise UploadRefused(
            403, f"a run on `{run.event_name}` is not of the head of a pull request: plan on `pull_request`"
        )
    base_sha = ""
    try:
        if merged is None:
            _check_same(run.sha, head_sha)
        else:
            base_sha = await _merged_into(client, owner, name, run.sha, head_sha)
        told = await client.items(
            f"{_REPO}/commits/{{sha}}/pulls?per_page=100", most=MOST_PULLS, owner=owner, name=name, sha=head_sha
        )
        if merged is not None:
            # The list lags behind a push; the pull request that the run was for does not.
            told.append(await client.get(f"{_REPO}/pulls/{{number}}", owner=owner, name=name, number=merged[1]))
    except (NotFound, Invalid) as error:
        raise UploadRefused(409, "GitHub does not know the commit of this run any more: let it run again") from error
    here = int(run.repository_id)
    pulls = [shaped(one, _Pull) for one in told]
    numbers = sorted(
        {one.number for one in pulls if one.state == "open" and one.head.sha == head_sha and one.base.repo.id == here}
    )
    if not numbers:
        raise UploadRefused(
            409,
            f"{head_sha[:12]} is not the head of an open pull request now: let the workflow run on the present head",
        )
    return ProvenHead(
        installation_id=installation_id,
        repository_id=here,
        owner=owner,
        name=name,
        head_sha=head_sha,
        base_sha=base_sha,
        numbers=tuple(numbers),
        origin=f"run {run.run_id}"[:100],
        workflow=run.workflow[:300],
    )


async def _installation(github: GitHub, owner: str, name: str) -> int:
    try:
        return shaped(await github.app.get(f"{_REPO}/installation", owner=owner, name=name), _Installation).id
    except NotFound as error:
        raise UploadRefused(404, f"the App is not installed on {owner}/{name}: install it there") from error


async def _merged_into(client: Client, owner: str, name: str, merge_sha: str, head_sha: str) -> str:
    """A commit's name is a digest of its parents' too: the signed name of the merge tells which head is in it."""
    told = await client.get(f"{_REPO}/git/commits/{{sha}}", owner=owner, name=name, sha=merge_sha)
    parents = [parent.sha for parent in shaped(told, _Commits).parents]
    if len(parents) != 2:  # noqa: PLR2004 - GitHub merges one head into one base
        raise UploadRefused(409, f"the run was of {merge_sha[:12]}, which is no merge of a head into its base")
    _check_same(parents[1], head_sha)
    return parents[0]


def _check_same(ran_for: str, head_sha: str) -> None:
    if ran_for != head_sha:
        raise UploadRefused(
            409, f"the run was of {ran_for[:12]}, not of {head_sha[:12]}: upload under the head that was planned"
        )
