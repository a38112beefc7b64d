"""What `judge` and `backtest` share: a policy for a clone, and the decision on facts without people."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from bot.core.blast.infra import Infra
from bot.core.blast.plan_json import MAX_BYTES, read_plan
from bot.core.blast.plans import StackPlan
from bot.core.catalogue import Catalogue
from bot.core.decide import decide
from bot.core.decision import Decision
from bot.core.history import Facts, History
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.core.policy.proposal import Texts, propose
from bot.core.policy.requirement import POLICY_PATH
from bot.core.pull import PullRequest
from bot.core.roster import Roster
from bot.core.writes import Posted
from bot.git.clone import Revision
from bot.git.read import read_policy
from bot.git.source import Source

LARGEST_INPUT = 1024 * 1024
WITHOUT_PEOPLE = (
    "Judged without GitHub: no approvals, teams or organisation policy are known here, so this is what the gate would "
    "say before anybody approved."
)


class InputError(click.ClickException):
    """The command cannot be answered as it was given: one sentence, exit 2."""

    exit_code = 2


def choose_policy(source: Source, base: Revision, file: Path | None) -> Policy | PolicyError:
    """The policy of `file`, else of the base commit, else the built-in one.

    InputError when `file` cannot be used: it is the caller's to mend, the base commit's is the gate's to report.
    """
    if file is not None:
        return usable(parse_policy(read_text(file), str(file)))
    text = read_policy(source, base)
    return BUILT_IN if text is None else parse_policy(text, f"{POLICY_PATH}@{base.sha[:12]}")


def usable(policy: Policy | PolicyError) -> Policy:
    """InputError with the first fault of a policy that has any."""
    if isinstance(policy, PolicyError):
        first = policy.faults[0]
        raise InputError(f"the policy {policy.source} cannot be used: {first.line}:{first.column} {first.message}")
    return policy


def read_bytes(path: Path, most: int) -> bytes:
    """A file that the caller named, at most `most` bytes, whole MiB. InputError when it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    if len(raw) > most:
        raise InputError(f"cannot read {path}: over the limit of {most // 1024 // 1024} MiB")
    return raw


def read_text(path: Path) -> str:
    """A file that the caller named, at most 1 MiB of UTF-8. InputError when it cannot be read."""
    raw = read_bytes(path, LARGEST_INPUT)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}: expected UTF-8") from error


def read_stack_plan(path: Path, head_sha: str, infra: Infra) -> StackPlan:
    """`terraform show -json` of a plan in a file, taken to be of this head. InputError when it is none."""
    raw = read_bytes(path, MAX_BYTES)
    reading = read_plan(raw, stack=path.stem, infra=infra)
    if reading.fault and not reading.objects:
        raise InputError(f"the plan {path} cannot be used: {reading.fault}")
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    return StackPlan(stack=path.stem, head_sha=head_sha, digest=digest, received_at=0, reading=reading)


def decide_without_people(
    pull: PullRequest, policy: Policy | PolicyError, catalogue: Catalogue, plans: tuple[StackPlan, ...] = ()
) -> Decision:
    """What the gate would say with nothing remembered but the plans, and nobody known."""
    proposal = propose(pull.files, (POLICY_PATH,), _proposed)
    facts = Facts(pull=pull, roster=Roster(), posted=Posted(), now=0, proposal=proposal)
    return decide(facts, policy, History(plans=plans), catalogue)


def _proposed(texts: Texts) -> Policy | PolicyError:
    text = texts[POLICY_PATH]
    return BUILT_IN if text is None else parse_policy(text, POLICY_PATH)
