"""Attacks on who wrote it: rows 98 to 110 of `rows.toml` that the core decides."""

from __future__ import annotations

import pytest

from bot.core.finding import Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.find import find_evidence
from bot.core.pull import Actor, ActorKind, PullRequest, Signatory
from bot.data import load_catalogue
from tests.builders import commit, pull

MARKERS = load_catalogue().markers
DEPENDABOT = Signatory(name="dependabot[bot]", email="49699333+dependabot[bot]@users.noreply.github.com")
CLAUDE = "Bump a thing\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"
TRUSTED = ProvenancePolicy(automation=("dependabot[bot]", "acme-release[bot]"))
UPDATER = Actor(login="dependabot[bot]", id=49699333, kind=ActorKind.BOT)


def strongest(found: PullRequest) -> Strength:
    return max((one.strength for one in find_evidence(found, TRUSTED, MARKERS)), default=Strength.NONE)


FORGED = [
    ("a trusted bot's name on the commit", pull(commits=(commit(CLAUDE, author=DEPENDABOT, committer=DEPENDABOT),))),
    (
        "a person's name on an agent's commit",
        pull(commits=(commit(CLAUDE, author=Signatory(name="Sam", email="s@a")),)),
    ),
]


@pytest.mark.parametrize("name, forged", FORGED, ids=[name for name, _ in FORGED])
def test_101_a_forged_name_lowers_nothing(name: str, forged: PullRequest) -> None:
    assert name
    assert strongest(forged) >= Strength.STRONG


def test_107_a_push_to_a_trusted_bots_pull_request_is_not_trusted() -> None:
    own = commit("Bump a thing\n", author=DEPENDABOT, committer=DEPENDABOT)
    assert strongest(pull(author=UPDATER, commits=(own,))) is Strength.NONE
    assert strongest(pull(author=UPDATER, commits=(own, commit(CLAUDE)))) >= Strength.STRONG
    agent = commit("Go on\n", author=Signatory(name="Claude", email="noreply@anthropic.com"))
    assert strongest(pull(author=UPDATER, commits=(own, agent))) >= Strength.STRONG


def test_102_a_bot_that_nobody_listed_is_taken_for_an_agent() -> None:
    stranger = Actor(login="frobnicator[bot]", id=99, kind=ActorKind.BOT)
    assert strongest(pull(author=stranger)) > Strength.WEAK
