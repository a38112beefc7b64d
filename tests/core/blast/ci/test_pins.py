"""Every new pin is found however it is written, and one that is not known to belong only raises the estimate."""

from __future__ import annotations

import dataclasses

import pytest

from bot.core.blast.assess import assess
from bot.core.blast.ci.pins import new_pins, raise_by_pins
from bot.core.finding import Confidence, EffectKind, Tier
from bot.core.pull import ChangedFile, Pin
from bot.data.infra import load_infra
from tests.core.blast.files import changed

OLD, NEW = "a" * 40, "b" * 40
PATH = ".github/workflows/ci.yml"
WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n      - uses: {}\n"


def file(head: str | None, base: str | None = None, path: str = PATH) -> ChangedFile:
    return changed(path, base, head)


@pytest.mark.parametrize(
    ("written", "repository"),
    [
        (f"actions/checkout@{NEW}", "actions/checkout"),
        (f"'Actions/Checkout@{NEW.upper()}' # v4", "actions/checkout"),
        (f"github/codeql-action/init@{NEW}", "github/codeql-action"),
        (f"acme/ci/.github/workflows/x.yml@{NEW}", "acme/ci"),
        (f'"actions/checkout\\x40{NEW}"', "actions/checkout"),
        (f">-\n          actions/checkout@{NEW}", "actions/checkout"),
    ],
)
def test_a_new_pin_is_found_however_it_is_written(written: str, repository: str) -> None:
    (pin,) = new_pins((file(WORKFLOW.format(written)),))
    assert (pin.name, pin.path, pin.strange) == ((repository, NEW), PATH, False)


@pytest.mark.parametrize(
    "written", ["actions/checkout@v4", "./local", "docker://alpine@sha256:" + NEW, f"checkout@{NEW}", "x/y@" + "b" * 39]
)
def test_what_pins_no_commit_of_a_repository_is_none(written: str) -> None:
    assert new_pins((file(WORKFLOW.format(written)),)) == ()


def test_a_pin_that_stood_before_is_not_new_wherever_it_moves() -> None:
    pinned = WORKFLOW.format(f"actions/checkout@{OLD}")
    moved = file(None, pinned), file(pinned, None, ".github/workflows/other.yml")
    assert new_pins(moved) == ()
    (pin,) = new_pins((file(WORKFLOW.format(f"actions/checkout@{NEW}"), pinned),))
    assert pin.sha == NEW


def test_only_files_that_github_runs_are_looked_at() -> None:
    text = WORKFLOW.format(f"actions/checkout@{NEW}")
    assert new_pins((file(text, None, "docs/ci.yml"),)) == ()
    assert len(new_pins((file(text, None, "tools/setup/action.yaml"),))) == 1


def test_a_text_that_is_no_yaml_is_searched_as_it_stands() -> None:
    (pin,) = new_pins((file(f"on: [push\n  - uses: actions/checkout@{NEW}\n"),))
    assert (pin.repository, pin.line) == ("actions/checkout", 2)


def test_a_stranger_is_critical_and_an_unknown_one_less() -> None:
    infra = load_infra()
    files = (file(WORKFLOW.format(f"actions/checkout@{NEW}"), WORKFLOW.format(f"actions/checkout@{OLD}")),)
    estimate = assess(files, (), infra)
    (pin,) = new_pins(files)
    strange = raise_by_pins(estimate, (dataclasses.replace(pin, strange=True),), infra)
    (effect,) = set(strange.effects) - set(estimate.effects)
    assert (strange.tier, effect.effect, effect.confidence) == (
        Tier.CRITICAL,
        EffectKind.WEAKEN_GUARD,
        Confidence.HIGH,
    )
    assert (effect.path, effect.line) == (PATH, 6)
    unknown = raise_by_pins(estimate, (pin,), infra)
    assert estimate.tier < unknown.tier < Tier.CRITICAL
    assert raise_by_pins(estimate, (), infra) == estimate


def test_nothing_is_lowered() -> None:
    infra = load_infra()
    critical = dataclasses.replace(assess((), (), infra), tier=Tier.CRITICAL, reasons=("critical: x",))
    pin = Pin(repository="a/b", sha=NEW, path=PATH, line=1)
    assert raise_by_pins(critical, (pin,), infra).tier is Tier.CRITICAL
