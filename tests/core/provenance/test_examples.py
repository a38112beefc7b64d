"""Every row of the catalogue finds its examples on its surface, and leaves its counterexamples alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.find import find_evidence
from bot.core.provenance.markers import Habit, Marker, Surface
from bot.core.pull import Actor, ActorKind, PullRequest, Signatory, Signature
from bot.data import load_catalogue
from tests.builders import blob, changed_file, commit, pull

MARKERS = load_catalogue().markers
POLICY = ProvenancePolicy(labels=("ai-*",))


def signatory(text: str) -> Signatory:
    name, _, rest = text.partition(" <")
    return Signatory(name=name, email=rest.removesuffix(">"))


def placed(surface: Surface, text: str) -> list[PullRequest]:
    """The pull requests that carry the text on the surface, and nothing else."""
    if surface is Surface.PERSON:
        return placed(Surface.AUTHOR, text) + placed(Surface.CO_AUTHOR, text)
    bot = Actor(login=text, id=None, kind=ActorKind.BOT if text.endswith("[bot]") else ActorKind.USER)
    at_surface = {
        Surface.AUTHOR: lambda: pull(commits=(commit(author=signatory(text)),)),
        Surface.CO_AUTHOR: lambda: pull(commits=(commit(f"Fix it\n\nCo-authored-by: {text}"),)),
        Surface.TRAILER: lambda: pull(commits=(commit(f"Fix it\n\n{text}"),)),
        Surface.SUBJECT: lambda: pull(commits=(commit(text),)),
        Surface.MESSAGE: lambda: pull(commits=(commit(f"Fix it\n\n{text}"),)),
        Surface.BODY: lambda: pull(body=f"Hello\n\n{text}"),
        Surface.BRANCH: lambda: pull(head_ref=text),
        Surface.LABEL: lambda: pull(labels=(text,)),
        Surface.LOGIN: lambda: pull(author=bot),
        Surface.SIGNATURE: lambda: pull(commits=(commit(signature=Signature(fingerprint=text, verified=True)),)),
        Surface.FILE: lambda: pull(files=(replace(changed_file(text, None, ""), head=blob(None)),)),
        Surface.NOTE: lambda: pull(commits=(commit(notes=(text,)),)),
    }
    return [at_surface[surface]()]


def rules_on(row: Marker | Habit, text: str) -> list[set[str]]:
    whole = isinstance(row, Habit) and row.surface is Surface.MESSAGE
    pulls = [pull(commits=(commit(text),))] if whole else placed(row.surface, text)
    return [{found.rule for found in find_evidence(one, POLICY, MARKERS)} for one in pulls]


ROWS: list[Marker | Habit] = [*MARKERS.markers, *MARKERS.habits]
MATCHES = [(row, text) for row in ROWS for text in row.matches]
IGNORES = [(row, text) for row in ROWS for text in row.ignores]


@pytest.mark.parametrize("row, text", MATCHES, ids=[f"{row.id}-{n}" for n, (row, _) in enumerate(MATCHES)])
def test_a_rule_finds_its_example(row: Marker | Habit, text: str) -> None:
    assert all(row.id in rules for rules in rules_on(row, text))


@pytest.mark.parametrize("row, text", IGNORES, ids=[f"{row.id}-{n}" for n, (row, _) in enumerate(IGNORES)])
def test_a_rule_leaves_its_counterexample_alone(row: Marker | Habit, text: str) -> None:
    assert not any(row.id in rules for rules in rules_on(row, text))


def test_every_marker_has_an_example_and_a_counterexample() -> None:
    assert [row.id for row in MARKERS.markers if not row.matches or not row.ignores] == []
