"""The law: what cannot be read raises the tier and is said; nothing in a file makes the judgement fail."""

from __future__ import annotations

from bot.core.blast.assess import assess, judge_safely
from bot.core.blast.infra import Infra
from bot.core.blast.language import Judgement, Span, Stack
from bot.core.finding import Tier
from bot.core.policy.model import PathTier
from bot.core.pull import ChangedFile, FileStatus
from bot.data.infra import load_infra
from tests.core.blast.files import blob, changed

INFRA = load_infra()


def test_a_change_to_no_infrastructure_has_no_tier() -> None:
    assert assess((changed("README.md", "a", "b"),), (), INFRA).tier is Tier.NONE


def test_a_kind_alone_gives_a_tier_by_its_weight() -> None:
    blast = assess((changed("Vagrantfile", "a", "b"),), (), INFRA)
    assert (blast.tier, blast.reasons) == (Tier.LOW, ("low: touches vagrant, `Vagrantfile`",))


def test_the_policys_paths_raise_and_never_lower() -> None:
    files = (changed("services/billing/app.py", "a", "b"),)
    assert assess(files, (PathTier(paths=("services/billing/**",), tier=Tier.CRITICAL),), INFRA).tier is Tier.CRITICAL
    files = (changed("infra/x.tfstate", "a", "b"),)
    assert assess(files, (PathTier(paths=("infra/**",), tier=Tier.LOW),), INFRA).tier is Tier.HIGH


def test_a_file_over_the_limit_counts_as_touched_and_is_high() -> None:
    blast = assess((changed("main.tf", "", "#" * 1024 * 1025),), (), INFRA)
    assert blast.tier is Tier.HIGH
    assert blast.incomplete == ("`main.tf` counts as touched only: it is larger than 1 MiB, the limit for parsing",)


def test_a_change_of_more_than_can_be_parsed_is_high_and_says_which_files() -> None:
    files = tuple(changed(f"m{number:02}.tf", "", "#" * 1024 * 1000) for number in range(20))
    blast = assess((*files, changed("small.tf", 'module "m" {}', "")), (), INFRA)
    assert [effect.address for effect in blast.effects] == ["module.m"]
    assert blast.tier is Tier.HIGH
    assert len(blast.incomplete) == 16
    assert blast.incomplete[0] == "`m04.tf` counts as touched only: the change holds more than 4 MiB to parse"


def test_more_objects_than_are_judged_are_high_and_said() -> None:
    many = "".join(f'resource "aws_vpc" "v{number}" {{}}\n' for number in range(5_001))
    blast = assess((changed("infra/m.tf", many, "locals {}\n"),), (), INFRA)
    assert blast.tier is Tier.HIGH
    assert blast.incomplete == (
        "`infra` was not judged as Terraform: it holds 5,001 objects, more than the 5,000 that are judged",
    )


def test_a_linked_or_unread_file_is_high() -> None:
    for head in (blob("../x.tf", mode="120000"), blob(None, mode="160000"), blob(None, unread="binary")):
        file = ChangedFile(path="m.tf", old_path="m.tf", status=FileStatus.ADDED, base=None, head=head)
        blast = assess((file,), (), INFRA)
        assert (blast.tier, len(blast.incomplete)) == (Tier.HIGH, 1)


class _Broken:
    name = "broken"
    kinds = frozenset({"terraform"})
    span = Span.FOLDER

    def judge(self, stack: Stack, infra: Infra) -> Judgement:  # noqa: ARG002 - the protocol's signature
        raise RecursionError


def test_a_language_that_fails_leaves_a_sentence() -> None:
    judgement = judge_safely(_Broken(), Stack(folder="infra", changes=()), INFRA)
    assert judgement.unread == ("`infra` could not be judged as broken (RecursionError)",)


def link(path: str, target: str) -> ChangedFile:
    return ChangedFile(path=path, old_path=path, status=FileStatus.ADDED, base=None, head=blob(target, mode="120000"))


def test_a_link_among_light_files_is_judged_by_its_names_and_no_other_is() -> None:
    for path, target, is_read in (
        ("AGENTS.md", "CLAUDE.md", True),
        ("docs/a.md", "../README.md", True),
        ("AGENTS.md", "infra/main.tf", False),
        ("AGENTS.md", "x.yaml", False),
        ("a.md", "../modules/db", False),
        ("main.tf", "README.md", False),
    ):
        blast = assess((link(path, target),), (), INFRA)
        assert (blast.incomplete == ()) is is_read, path
        assert blast.tier >= (Tier.LOW if is_read else Tier.HIGH)


def test_a_readers_message_names_no_thing_that_the_reader_made_up() -> None:
    blast = assess((changed("kustomization.yaml", "", "a: [\n"),), (), INFRA)
    assert "at line 2" in blast.incomplete[0]
    assert "unicode string" not in blast.incomplete[0]
