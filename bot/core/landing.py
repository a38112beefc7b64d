"""What landed on a gated branch, and whether the gate's own record stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.decided import Decided, DecidedGroup, Landed, Standing, standing_of

NO_COMMIT = "0"


class MoveKind(StrEnum):
    """How a branch moved, in GitHub's words; the last two are ours: its first sight, and what GitHub did not tell.

    https://docs.github.com/en/rest/repos/repos#list-repository-activities
    """

    PUSH = "push"
    FORCE_PUSH = "force_push"
    CREATION = "branch_creation"
    DELETION = "branch_deletion"
    MERGE = "pr_merge"
    QUEUE_MERGE = "merge_queue_merge"
    BASELINE = "baseline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of a branch. `id` is GitHub's, 0 for our own; `before` and `after` are commits; `at` is Unix seconds.

    A side that has no commit is all zeros. `actor` is a login, "" when GitHub does not tell.
    """

    id: int
    kind: MoveKind
    before: str
    after: str
    actor: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPull:
    """A pull request that GitHub calls merged, and the commit that it became."""

    number: int
    head_sha: str
    base_ref: str
    merge_sha: str


class Outcome(StrEnum):
    """What stands behind a landing. NOTHING landed with a deletion; BASELINE is where the audit of a branch begins."""

    BASELINE = "baseline"
    NOTHING = "nothing"
    RECORD = "record"
    EXCEPTION = "exception"
    INCIDENT = "incident"


class Incident(StrEnum):
    """What happened past the gate."""

    NONE = ""
    UNAPPROVED_MERGE = "unapproved-merge"
    DIRECT_PUSH = "direct-push"
    REWRITTEN_HISTORY = "rewritten-history"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """A move of `branch`, and why it is in order or not. `pulls` are the pull requests it brought.

    `unsure` is true while the reason is one that may pass by itself: then it is looked at again before it counts.
    """

    branch: str
    move: Move
    outcome: Outcome
    why: str
    incident: Incident = Incident.NONE
    pulls: tuple[Landed, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What GitHub and the ledger tell of the moves of one branch.

    `groups` are the gate's decisions on merge groups by their commit, `decided` those on pull requests by number.
    """

    merged: tuple[MergedPull, ...] = ()
    groups: Mapping[str, DecidedGroup] | None = None
    decided: Mapping[int, tuple[Decided, ...]] | None = None


def pulls_of(move: Move, branch: str, known: Known) -> tuple[Landed, ...]:
    """The pull requests that the move brought, each at the head that was merged; empty when none is known.

    A push that ends at the very head of a pull request brought exactly that; whatever else was pushed brought none.
    """
    match move.kind:
        case MoveKind.MERGE:
            found = (one for one in known.merged if one.merge_sha == move.after)
        case MoveKind.PUSH:
            found = (one for one in known.merged if one.head_sha == move.after)
        case MoveKind.QUEUE_MERGE:
            group = (known.groups or {}).get(move.after)
            return group.members if group is not None and group.is_success else ()
        case _:
            return ()
    return tuple(Landed(number=one.number, head_sha=one.head_sha) for one in found if one.base_ref == branch)


def judge_move(move: Move, branch: str, tip: str, known: Known) -> Landing:
    """Whether the move of `branch` is in order. `tip` is where the last known move left it, "" when that is unknown."""
    if tip and move.before != tip:
        why = "GitHub does not tell how the branch came to where this began"
        return _incident(move, branch, Incident.UNKNOWN, why, unsure=True)
    match move.kind:
        case MoveKind.DELETION:
            return Landing(branch=branch, move=move, outcome=Outcome.NOTHING, why="the branch was deleted")
        case MoveKind.CREATION | MoveKind.FORCE_PUSH:
            return _incident(move, branch, Incident.REWRITTEN_HISTORY, "the history of the branch was replaced")
        case MoveKind.PUSH | MoveKind.MERGE | MoveKind.QUEUE_MERGE:
            return _judge_content(move, branch, known)
        case _:
            return _incident(move, branch, Incident.UNKNOWN, "GitHub tells a move of a kind that is not known")


def _judge_content(move: Move, branch: str, known: Known) -> Landing:
    pulls = pulls_of(move, branch, known)
    if not pulls:
        return _without_pull(move, branch)
    standings = [standing_of((known.decided or {}).get(one.number, ()), one, branch) for one in pulls]
    worst = min(standings, key=lambda standing: (standing.is_good, not standing.is_exception))
    why = "; ".join(standing.why for standing in standings)
    if not worst.is_good:
        return _incident(move, branch, Incident.UNAPPROVED_MERGE, why, pulls=pulls, unsure=_any_unseen(standings))
    outcome = Outcome.EXCEPTION if worst.is_exception else Outcome.RECORD
    return Landing(branch=branch, move=move, outcome=outcome, why=why, pulls=pulls)


def _without_pull(move: Move, branch: str) -> Landing:
    if move.kind is MoveKind.PUSH:
        # GitHub may still be about to call a pull request merged by it.
        why = "pushed past the pull requests"
        return _incident(move, branch, Incident.DIRECT_PUSH, why, unsure=True)
    if move.kind is MoveKind.QUEUE_MERGE:
        why = "the merge queue merged what the gate did not let through"
        return _incident(move, branch, Incident.UNAPPROVED_MERGE, why, unsure=True)
    why = "merged, and GitHub does not tell which pull request"
    return _incident(move, branch, Incident.UNKNOWN, why, unsure=True)


def _any_unseen(standings: Sequence[Standing]) -> bool:
    return any(standing.is_unseen for standing in standings)


def _incident(
    move: Move,
    branch: str,
    incident: Incident,
    why: str,
    *,
    pulls: tuple[Landed, ...] = (),
    unsure: bool = False,
) -> Landing:
    return Landing(
        branch=branch, move=move, outcome=Outcome.INCIDENT, why=why, incident=incident, pulls=pulls, unsure=unsure
    )


def baseline(branch: str, tip: str, at: int) -> Landing:
    """Where the audit of a branch begins: what is at `tip` was there before the gate."""
    move = Move(id=0, kind=MoveKind.BASELINE, before="", after=tip, actor="", at=at)
    return Landing(branch=branch, move=move, outcome=Outcome.BASELINE, why="there when the gate came")


def lost_track(branch: str, before: str, tip: str, why: str, at: int) -> Landing:
    """GitHub does not tell how the branch came to `tip`; the audit goes on from there."""
    move = Move(id=0, kind=MoveKind.UNKNOWN, before=before, after=tip, actor="", at=at)
    return _incident(move, branch, Incident.UNKNOWN, why)
