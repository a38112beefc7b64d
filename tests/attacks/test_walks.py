"""Whatever happens in whatever order: a green check means that a senior approved exactly what stands there.

Random walks drive the real App against the embedded GitHub. What must be true is worked out from what people did,
never from what the gate wrote down.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.sandbox import difference
from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub, new_private_key
from bot.sandbox.git import Signature
from bot.sandbox.objects import Comment, Refusal, Review
from bot.sandbox.person import Person
from bot.wiring import running_app
from tests.journey import FIRST_RETRY_SECONDS, POLICY, Journey, settings_for
from tests.shop import CLAUDE, TERRAFORM, Shop

pytestmark = pytest.mark.slow

EXAMPLES = 40
LONGEST = 14
# More than what makes the gate unsure which head a bare comment is about; a walk's must not outlast an App's token.
PAUSE_SECONDS = 35
STRICTER = POLICY + "  - name: critical\n    when: {tier: critical}\n    require: {seniors: 1}\n"


@dataclass(frozen=True, slots=True)
class Present:
    """What an approval is about: the head, the base branch, the whole difference, and the policy of the base."""

    head: str
    base: str
    patch: bytes
    policy: str


@dataclass(slots=True)
class Approval:
    """Somebody's approval as a witness saw it; `source` is the review or comment, None for a button."""

    by: str
    of: Present
    source: Review | Comment | None = None
    stands: bool = True
    heard: bool = False


@dataclass
class Walk:
    """The witness: knows what was done, and asks the gate nothing but the colour of its check."""

    shop: Shop
    journey: Journey
    ahead: list[float]
    number: int = 0
    contributors: set[str] = field(default_factory=lambda: {"jay"})
    approvals: list[Approval] = field(default_factory=list)
    lossy: bool = False
    policies: dict[str, str] = field(default_factory=lambda: {"main": POLICY, "release": POLICY})
    heads: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop.jay.branch(self.shop.repository, "release")
        self.pull = self.shop.change({"terraform/main.tf": self.content()}, message=f"Change\n\n{CLAUDE}")
        self.heads.append(self.pull.head_sha)

    def content(self) -> str:
        self.number += 1
        return TERRAFORM.replace("5432", str(6000 + self.number))

    @property
    def present(self) -> Present:
        git = self.shop.repository.git
        start = difference.merge_base(self.pull) or ""
        return Present(
            head=self.pull.head_sha,
            base=self.pull.base_ref,
            patch=git.patch_text(start, self.pull.head_sha),
            policy=self.policies[self.pull.base_ref],
        )

    def seniors(self) -> set[str]:
        return set(self.shop.seniors.members) - self.contributors

    def deserved(self) -> bool:
        """Whether somebody who may approved what stands there, and nobody who may said no."""
        present = self.present
        approvers = {one.by for one in self.approvals if one.stands and one.of == present}
        return bool(approvers & self.seniors())

    def push(self, sha: str) -> None:
        self.shop.jay.push(self.shop.repository, "change", sha)
        self.heads.append(sha)

    def commit(self, person: Person, *, onto: str | None = None, by: Signature | None = None) -> None:
        files = {"terraform/main.tf": self.content()}
        sha = person.commit(self.shop.repository, "change", files, message="Change", author=by, committer=by, onto=onto)
        self.contributors.add(person.account.login)
        self.heads.append(sha)

    def approve(self, person: Person, source: Review | Comment | None = None) -> None:
        self.approvals.append(Approval(by=person.account.login, of=self.present, source=source))

    def withdraw(self, login: str) -> None:
        for one in self.approvals:
            one.stands = one.stands and one.by != login

    def forget(self, source: Review | Comment) -> None:
        for one in self.approvals:
            one.stands = one.stands and one.source is not source

    def last(self, kind: type[Review | Comment]) -> Approval | None:
        return next((one for one in reversed(self.approvals) if one.stands and isinstance(one.source, kind)), None)


Step = Callable[[Walk], None]


def step_push(walk: Walk) -> None:
    walk.commit(walk.shop.jay)


def step_push_by_a_senior(walk: Walk) -> None:
    walk.commit(walk.shop.sue)


def step_force_push_backdated(walk: Walk) -> None:
    long_ago = replace(walk.shop.world.signature(walk.shop.jay.account), time=1_500_000_000)
    walk.commit(walk.shop.jay, onto=walk.pull.base_sha, by=long_ago)


def step_back_to_the_first_head(walk: Walk) -> None:
    walk.push(walk.heads[0])


def step_back_to_the_head_before(walk: Walk) -> None:
    walk.push(walk.heads[-2] if len(walk.heads) > 1 else walk.heads[0])


def step_rebase(walk: Walk) -> None:
    walk.heads.append(walk.shop.jay.rebase(walk.pull))


def step_update_branch(walk: Walk) -> None:
    merged = walk.shop.repository.git.write_merge(
        ours=walk.pull.head_sha,
        theirs=walk.pull.base_sha,
        message="Merge main",
        author=walk.shop.world.signature(walk.shop.jay.account),
    )
    if merged is not None:
        walk.push(merged)


def step_evil_merge(walk: Walk) -> None:
    step_update_branch(walk)
    git, tip = walk.shop.repository.git, walk.pull.head_sha
    evil = walk.shop.jay.commit(
        walk.shop.repository, "scratch", {"terraform/main.tf": walk.content()}, message="x", onto=tip
    )
    by = walk.shop.world.signature(walk.shop.jay.account)
    walk.push(
        git.write_tree_commit(
            tree=git.commit(evil).tree, parents=[tip, walk.pull.base_sha], message="Merge main", author=by
        )
    )


def step_main_moves(walk: Walk) -> None:
    walk.number += 1
    walk.shop.commit_to_main({"docs/other.md": f"{walk.number}\n"})


def step_retarget(walk: Walk) -> None:
    walk.shop.jay.edit(walk.pull, base="release" if walk.pull.base_ref == "main" else "main")


def step_close_and_reopen(walk: Walk) -> None:
    walk.shop.jay.close(walk.pull)
    walk.shop.jay.reopen(walk.pull)


def step_policy_changes(walk: Walk) -> None:
    text = STRICTER if walk.policies["main"] == POLICY else POLICY
    walk.shop.commit_to_main({".github/countersign.yml": text})
    walk.policies["main"] = text
    # What the gate has not heard yet, it hears under the policy of that moment: that one says whether it is enough.
    unheard = [one for one in walk.approvals if not one.heard and one.of.base == "main"]
    walk.approvals += [replace(one, of=replace(one.of, policy=text)) for one in unheard]


def step_sam_leaves(walk: Walk) -> None:
    people.leave_team(walk.shop.world, walk.shop.seniors, walk.shop.sam.account, actor=walk.shop.organization)


def step_sam_comes_back(walk: Walk) -> None:
    if "sam" not in walk.shop.seniors.members:
        people.join_team(walk.shop.world, walk.shop.seniors, walk.shop.sam.account, actor=walk.shop.organization)


def reviews(login: str) -> Step:
    def step(walk: Walk) -> None:
        person: Person = getattr(walk.shop, login)
        walk.approve(person, person.approve(walk.pull))

    return step


def comments(login: str, *, names_the_head: bool) -> Step:
    def step(walk: Walk) -> None:
        person: Person = getattr(walk.shop, login)
        words = f"/approve-ai {walk.pull.head_sha}" if names_the_head else "/approve-ai"
        walk.approve(person, person.comment(walk.pull, words))

    return step


def presses(login: str) -> Step:
    def step(walk: Walk) -> None:
        person: Person = getattr(walk.shop, login)
        runs = [
            run for run in walk.journey.runs(walk.pull) if any(one["identifier"] == "approve" for one in run.actions)
        ]
        if runs and walk.pull.base_ref == "main":
            person.press(walk.pull, runs[-1], "approve")
            walk.approve(person)

    return step


def step_sam_requests_changes(walk: Walk) -> None:
    walk.shop.sam.review(walk.pull, "REQUEST_CHANGES", "no")
    walk.withdraw("sam")


def step_sam_only_comments(walk: Walk) -> None:
    walk.shop.sam.review(walk.pull, "COMMENT", "hm")


def step_sam_revokes(walk: Walk) -> None:
    walk.shop.sam.comment(walk.pull, "/revoke-ai")
    walk.withdraw("sam")


def step_somebody_dismisses(walk: Walk) -> None:
    found = walk.last(Review)
    if found is not None and isinstance(found.source, Review) and found.source.state == "APPROVED":
        walk.shop.ops.dismiss(walk.pull, found.source, "old")
        walk.forget(found.source)


def step_the_comment_is_edited(walk: Walk) -> None:
    found = walk.last(Comment)
    if found is not None and isinstance(found.source, Comment):
        walk.shop.ops.edit_comment(walk.pull, found.source, "hm")
        walk.forget(found.source)


def step_the_comment_is_deleted(walk: Walk) -> None:
    found = walk.last(Comment)
    if found is not None and isinstance(found.source, Comment):
        walk.shop.ops.delete_comment(walk.pull, found.source)
        walk.forget(found.source)


def step_a_comment_becomes_an_approval(walk: Walk) -> None:
    said = walk.shop.sue.comment(walk.pull, "looks fine")
    walk.shop.jay.edit_comment(walk.pull, said, f"/approve-ai {walk.pull.head_sha}")


def step_deliveries_are_lost(walk: Walk) -> None:
    walk.shop.world.hooks.drop, walk.lossy = 3, True


def step_everything_arrives_again_backwards(walk: Walk) -> None:
    for delivery in reversed(list(walk.shop.world.hooks.deliveries)):
        walk.shop.world.hooks.send_again(delivery)


STEPS: dict[str, Step] = {
    name.removeprefix("step_"): step for name, step in globals().items() if name.startswith("step_")
} | {
    f"{login} {how}": step
    for login in ("jay", "sam", "sue", "ops")
    for how, step in {
        "reviews": reviews(login),
        "comments": comments(login, names_the_head=False),
        "names the head": comments(login, names_the_head=True),
        "presses": presses(login),
    }.items()
}


@cache
def _key() -> str:
    return new_private_key()


async def take(names: Iterable[tuple[str, bool]], directory: Path) -> None:
    """Walk the steps; after each that is `whole` both sides come to rest, and the check must be deserved."""
    ahead = [0.0]

    def clock() -> float:
        return time.time() + ahead[0]

    github = EmbeddedGitHub(private_key=_key(), clock=clock)
    await github.start()
    try:
        shop = Shop(github)
        shop.commit_to_main({".github/countersign.yml": POLICY})
        app_settings = settings_for(github, directory)
        async with (
            running_app(app_settings, sweeps=False, clock=clock, first_retry_seconds=FIRST_RETRY_SECONDS) as app,
            aiohttp.ClientSession() as session,
        ):
            github.set_webhook_url(f"{app.url}/webhook")
            journey = Journey(shop, app, github, session)
            walk = Walk(shop=shop, journey=journey, ahead=ahead)
            await journey.rest()
            for name, whole in names:
                walk.told.append(name if whole else f"{name}, in a hurry")
                try:
                    STEPS[name](walk)
                except Refusal as refused:
                    walk.told[-1] += f" (refused: {refused})"
                if whole:
                    await settle(walk)
            await settle(walk)
            await finish(walk)
    finally:
        await github.stop()


async def settle(walk: Walk) -> None:
    async with asyncio.timeout(60):
        await walk.journey.rest()
    if walk.lossy:
        # What was lost is asked for again, and what a sweep finds is looked at.
        walk.shop.world.hooks.drop, walk.lossy = 0, False
        await walk.journey.sweeper.redeliver()
        await walk.journey.ring(walk.pull)
    walk.ahead[0] += PAUSE_SECONDS
    for one in walk.approvals:
        one.heard = True
    assert conclusion(walk) != "success" or walk.deserved(), walk.told


def conclusion(walk: Walk) -> str | None:
    """Of the check that stands on the head for the base branch."""
    here = (walk.pull.head_sha, f"countersign/{walk.pull.base_ref}")
    mine = [run for run in walk.shop.repository.runs if run.app is walk.shop.github.app]
    runs = [run for run in mine if (run.head_sha, run.name) == here]
    return runs[-1].conclusion if runs else None


async def finish(walk: Walk) -> None:
    """However it went, seniors who did not write it can still open the gate: a shut gate alone proves nothing."""
    step_sam_comes_back(walk)
    for login in ("sam", "sue"):
        comments(login, names_the_head=True)(walk)
    await settle(walk)
    assert walk.contributors & {"sam", "sue"} or conclusion(walk) == "success", walk.told


@given(
    names=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([True, True, False])), max_size=LONGEST)
)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
def test_the_check_is_green_only_when_a_senior_approved_what_stands_there(
    names: list[tuple[str, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(take(names, Path(directory)))
