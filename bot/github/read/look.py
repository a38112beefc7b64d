"""One look at the present state of a pull request: the facts and the policy that the judgement needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.core.blast.ci.pins import new_pins
from bot.core.history import Facts, History
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.pull import Actor, ActorKind, PullRequest, PullState, Repository, Review
from bot.core.pull import Comment as PullComment
from bot.core.roster import Roster
from bot.github.client import Client
from bot.github.read.accounts import actor_of
from bot.github.read.activity import read_branch_pushers
from bot.github.read.changes import Changes, list_changes
from bot.github.read.closing import Closing
from bot.github.read.commits import accounts_by_email
from bot.github.read.last import LastAnswer, LastQuestions
from bot.github.read.notes import Notes, read_notes
from bot.github.read.past import Past, read_past
from bot.github.read.people import Named, named_by, read_pushers, read_teams, users_of
from bot.github.read.pins import strange_pins
from bot.github.read.policies import Choose, choose_policy, propose_policy
from bot.github.read.shapes import Nodes
from bot.github.read.told import Told, ask
from bot.jobs import Evaluate

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`facts.pull.repository` has the present owner and name; the job's may be outdated.

    `past` is what this look read of heads that were pushed away.
    """

    facts: Facts
    policy: Policy | PolicyError
    past: Past


async def look(
    client: Client,
    job: Evaluate,
    *,
    history: History,
    choose: Choose,
    now: int,
    refused_reviewers: frozenset[str] = frozenset(),
) -> Look:
    """Read the pull request whole, or say in `incomplete` what of it was not read.

    `history` tells whose permissions matter and which pushed-away heads were judged before. `choose` turns the
    policy files into the policy, whose teams and people are looked up. `now` is Unix seconds.
    `refused_reviewers` are handed on to `facts.posted`.
    HeadMoved when the pull request changed while it was read; Gone when it is not there any more; any other
    GitHubError when GitHub did not answer well.
    """
    told = await ask(client, job)
    policy = choose_policy(told, choose)
    named = named_by(policy) if isinstance(policy, Policy) else Named()
    base_sha = _base_sha(told)
    changes, pushers, branch_pushers, past, notes = await asyncio.gather(
        list_changes(client, told, base_sha),
        read_pushers(client, told.owner, told.name),
        read_branch_pushers(client, told, history.pushes),
        read_past(client, told, base_sha, history),
        read_notes(client, told),
    )
    last = await LastQuestions(client, told, changes, named).ask()
    closing = Closing(told, last.repository)
    pull = _pull(told, base_sha, changes, last, past=past, notes=notes)
    pull = replace(
        pull,
        pushers=tuple(sorted(branch_pushers.accounts, key=lambda actor: (actor.login.lower(), actor.id or 0))),
        pushers_unread=branch_pushers.unread,
        siblings=closing.siblings(),
        pins=await strange_pins(client, new_pins(last.files)),
        incomplete=(
            *_lost(told),
            *changes.lost,
            *last.lost,
            *past.lost,
            *notes.lost,
            *pushers.lost,
            *closing.lost(),
        ),
    )
    roster = Roster(
        teams=await read_teams(client, told.owner, told.name, named, last.root),
        users=users_of(named, last.root),
        permissions={},
        maintainers=pushers.maintainers() if _is_built_in(policy) else None,
        open_requests=closing.open_requests(),
        by_email=accounts_by_email(person for commit in told.commits for person in commit.people()),
    )
    roster = replace(roster, permissions=pushers.permissions(_everybody(pull, roster, history)))
    posted = closing.posted(client.app_id, refused_reviewers)
    proposal = propose_policy(told, last.files, choose)
    return Look(
        facts=Facts(pull=pull, roster=roster, posted=posted, now=now, proposal=proposal), policy=policy, past=past
    )


def _base_sha(told: Told) -> str:
    """Merged, the branch holds the head already; GitHub keeps the base that the pull request was merged into."""
    base = told.pull.base_ref.target if told.pull.base_ref else None
    return base.oid if base and told.pull.state is not PullState.MERGED else told.pull.base_ref_oid


def _lost(told: Told) -> tuple[str, ...]:
    """What of the conversation and the commits was not told whole."""
    is_there = told.pull.base_ref is not None and told.pull.base_ref.target is not None
    return (
        *(() if is_there else ("the base branch is gone",)),
        *told.lost,
        *(line for commit in told.commits for line in commit.lost()),
    )


def _pull(told: Told, base_sha: str, changes: Changes, last: LastAnswer, *, past: Past, notes: Notes) -> PullRequest:
    pull = told.pull
    author = actor_of(pull.author)
    titles = (node.previous_title for node in told.timeline if node.previous_title is not None)
    bodies = (edit.diff for edit in told.edits if edit.diff is not None)
    return PullRequest(
        repository=Repository(id=told.repository.database_id, owner=told.owner, name=told.name),
        number=pull.number,
        author=author,
        title=pull.title,
        body=pull.body,
        state=pull.state,
        draft=pull.is_draft,
        base_ref=pull.base_ref_name,
        base_sha=base_sha,
        merge_base=changes.merge_base,
        head_ref=pull.head_ref_name,
        head_sha=pull.head_ref_oid,
        labels=tuple(sorted(label.name for label in _present(pull.labels))),
        commits=tuple(replace(commit.commit(), notes=notes.texts.get(commit.oid, ())) for commit in told.commits),
        files=last.files,
        past_commits=past.commits,
        past_bodies=tuple(dict.fromkeys(body for body in bodies if body != pull.body)),
        deleted_bodies=sum(edit.deleted_at is not None for edit in told.edits),
        past_titles=tuple(dict.fromkeys(title for title in titles if title != pull.title)),
        requesters=_requesters(told, author),
        reviews=_reviews(told),
        comments=_comments(told),
    )


def _requesters(told: Told, author: Actor) -> tuple[Actor, ...]:
    """Whom an agent works for: coding agents assign the pull request they open to who asked for it."""
    if author.kind is not ActorKind.BOT:
        return ()
    return tuple(assignee.actor() for assignee in _present(told.pull.assignees))


def _reviews(told: Told) -> tuple[Review, ...]:
    """Oldest first. A pending review has no time and is nobody's business yet."""
    return tuple(
        Review(
            id=int(node.full_database_id),
            author=actor_of(node.author),
            state=node.state,
            commit_sha=node.commit.oid if node.commit else "",
            submitted_at=int(node.submitted_at.timestamp()),
        )
        for node in told.reviews
        if node.submitted_at is not None
    )


def _comments(told: Told) -> tuple[PullComment, ...]:
    return tuple(
        PullComment(id=int(node.full_database_id), author=actor_of(node.author), edited=node.last_edited_at is not None)
        for node in told.comments
    )


def _everybody(pull: PullRequest, roster: Roster, history: History) -> set[Actor]:
    """All whose permission the judgement may ask for: who acted, and who may be asked."""
    members = {actor for team in roster.teams.values() for actor in team or ()}
    users = {actor for actor in roster.users.values() if actor is not None}
    spoken = {said.actor for said in history.statements} | {record.statement.actor for record in history.records}
    wrote = {review.author for review in pull.reviews} | {comment.author for comment in pull.comments}
    return {pull.author, *members, *users, *spoken, *wrote, *pull.requesters, *pull.pushers}


def _is_built_in(policy: Policy | PolicyError) -> bool:
    """Without a policy file the seniors are the maintainers."""
    return isinstance(policy, Policy) and policy.seniors == BUILT_IN.seniors


def _present(nodes: Nodes[_T] | None) -> list[_T]:
    return [node for node in nodes.nodes if node is not None] if nodes else []
