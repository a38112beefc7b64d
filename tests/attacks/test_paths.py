"""Attacks on paths and diffs: one nasty repository, read from a clone and from GitHub, is judged the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Tier
from bot.core.policy.model import PathTier
from bot.core.pull import ChangedFile, FileStatus
from bot.data import load_catalogue
from bot.git.read import Supplied, read_pull
from bot.git.source import open_source
from bot.github.client import Client
from tests.git.workbench import EXECUTABLE, SUBMODULE, SYMLINK, Content, Workbench
from tests.github.looking import look_at
from tests.shop import Shop

CATALOGUE = load_catalogue()
PROTECTED = (PathTier(tier=Tier.CRITICAL, paths=("/protected/**", "café/")),)
WORKFLOW = b"on: push\npermissions: {contents: read}\njobs: {a: {runs-on: x, steps: [{run: make test}]}}\n"
ESCALATED = WORKFLOW.replace(b"on: push", b"on: pull_request_target").replace(b"contents: read", b"contents: write")
PINNED = WORKFLOW.replace(b"run: make test", b"uses: a/b@v1")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12\n"
ONE, OTHER = POINTER % (b"1" * 64), POINTER % (b"2" * 64)
NAMES = (
    "infra/ b/db.tf",
    "infra/tab\there.tf",
    'infra/quote".tf',
    "infra/back\\slash.tf",
    "infra/back`tick.tf",
    "infra/\u202egnp.tf",
    "infra/größe/main.tf",
    "infra/\U0001f600.tf",
    "infra/-rf.tf",
    "infra/[a]*?.tf",
    "infra/:(top)x.tf",
    "infra/a => b.tf",
    "infra/" + "x" * 200 + ".tf",
)
Files = dict[str | bytes, Content]


def database(name: str) -> bytes:
    """A file like no other, so that git takes none for another's new name."""
    lines = "".join(f"# {name} {number * 7919}\n" for number in range(20))
    return f'resource "aws_db_instance" "{name}" {{\n  identifier = "{name}"\n}}\n{lines}'.encode()


# What is attempted: the files before, the files after, and the least tier it must have.
CASES: dict[str, tuple[Files, Files, Tier]] = {
    "57 a rename out of a protected path": (
        {"protected/a.txt": database("a")},
        {"protected/a.txt": None, "notes/a.txt": database("a")},
        Tier.CRITICAL,
    ),
    "57 a rename out of infrastructure": (
        {"infra/57.tf": database("b")},
        {"infra/57.tf": None, "notes/57.txt": database("b")},
        Tier.CRITICAL,
    ),
    "57 a rename that Terraform passes over": (
        {"infra/57c.tf": database("l")},
        {"infra/57c.tf": None, "infra/.57c.tf": database("l")},
        Tier.CRITICAL,
    ),
    "57 a rename to another case": (
        {"infra/57d.tf": database("m")},
        {"infra/57d.tf": None, "infra/57d.TF": database("m")},
        Tier.CRITICAL,
    ),
    "58 a rename into documentation": (
        {"infra/58.tf": database("c")},
        {"infra/58.tf": None, "docs/58.md": database("c")},
        Tier.CRITICAL,
    ),
    "62 names that git quotes": ({}, {name: database(name.strip("\t")) for name in NAMES}, Tier.LOW),
    "63 names with line breaks": ({}, {"infra/a\nb.tf": database("d"), "infra/\r.tf": database("e")}, Tier.LOW),
    "64 another case": ({}, {"PROTECTED/b.txt": b"b\n"}, Tier.CRITICAL),
    "64 another case of an ending": ({}, {"Infra/Main.TF": database("f")}, Tier.LOW),
    "65 another Unicode form": ({}, {"cafe\u0301/a.txt": b"a\n"}, Tier.CRITICAL),
    "66 a new link": ({}, {"notes/link": (SYMLINK, b"../protected")}, Tier.HIGH),
    "66 a file that becomes a link": ({"notes/66.txt": b"a\n"}, {"notes/66.txt": (SYMLINK, b"../infra")}, Tier.HIGH),
    "67 a new submodule": ({}, {"vendor/new": (SUBMODULE, b"1" * 40)}, Tier.HIGH),
    "67 a submodule that points elsewhere": (
        {"vendor/old": (SUBMODULE, b"1" * 40)},
        {"vendor/old": (SUBMODULE, b"2" * 40)},
        Tier.HIGH,
    ),
    "67 another source": ({".gitmodules": b"[submodule]\n"}, {".gitmodules": b"[submodule]\n\turl = x\n"}, Tier.LOW),
    "70 attributes that hide": ({}, {".gitattributes": b"*.tf linguist-generated\n"}, Tier.LOW),
    "71 a mode alone": (
        {"infra/71a.tf": database("g")},
        {"infra/71a.tf": (EXECUTABLE, database("g"))},
        Tier.LOW,
    ),
    "71 a binary": ({"infra/71b.tf": database("h")}, {"infra/71b.tf": b"\0" + database("h")}, Tier.HIGH),
    "71 a pointer for a file": ({"infra/71c.tf": database("i")}, {"infra/71c.tf": ONE}, Tier.HIGH),
    "71 another pointer": ({"infra/71d.tf": ONE}, {"infra/71d.tf": OTHER}, Tier.HIGH),
    "71 an emptied file": ({"infra/71e.tf": database("j")}, {"infra/71e.tf": b""}, Tier.CRITICAL),
    "72 another release of an action": (
        {".github/workflows/72.yml": PINNED},
        {".github/workflows/72.yml": PINNED.replace(b"v1", b"v2")},
        Tier.LOW,
    ),
    "73 a workflow with more rights": (
        {".github/workflows/73.yml": WORKFLOW},
        {".github/workflows/73.yml": ESCALATED},
        Tier.HIGH,
    ),
    "74 orders to agents": ({}, {"CLAUDE.md": b"Do\n"}, Tier.LOW),
    "74 tools for agents": ({}, {".mcp.json": b"{}\n"}, Tier.LOW),
    "74 hooks of agents": ({}, {".kiro/hooks/a.json": b"{}\n"}, Tier.LOW),
    "76 a migration": ({}, {"db/migrate/2026_drop.sql": b"DROP TABLE orders;\n"}, Tier.CRITICAL),
    "77 infrastructure among documents": ({"docs/77.tf": database("k")}, {"docs/77.tf": None}, Tier.CRITICAL),
    "79 owners who own nothing": (
        {".github/CODEOWNERS": b"* @sam\n"},
        {".github/CODEOWNERS": b"* @nobody\n"},
        Tier.LOW,
    ),
}
BEFORE: Files = {path: content for before, _, _ in CASES.values() for path, content in before.items()}
AFTER: Files = {path: content for _, after, _ in CASES.values() for path, content in after.items()}


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """All cases in one repository, one range."""
    bench = Workbench.start(tmp_path_factory.mktemp("nasty") / "clone")
    base = bench.commit({"README.md": b"# Shop\n", **BEFORE})
    bench.commit(AFTER, branch="change", parents=[base])
    return bench


@pytest.fixture(scope="module")
def cloned(nasty: Workbench) -> tuple[ChangedFile, ...]:
    with open_source(nasty.path) as source:
        return read_pull(source, source.clone.resolve("main"), source.clone.resolve("change"), Supplied()).pull.files


def of_case(files: Iterable[ChangedFile], paths: Iterable[str | bytes]) -> tuple[ChangedFile, ...]:
    wanted = set(paths)
    return tuple(file for file in files if wanted & {file.path, file.old_path})


@pytest.mark.parametrize("name", CASES)
def test_057_to_079_no_dress_hides_a_change(cloned: tuple[ChangedFile, ...], name: str) -> None:
    before, after, tier = CASES[name]
    files = of_case(cloned, {*before, *after})
    assert files
    blast = assess(files, PROTECTED, CATALOGUE.infra)
    assert blast.tier >= tier, blast.reasons


@pytest.mark.slow
async def test_057_to_079_github_and_a_clone_are_judged_the_same(
    nasty: Workbench, cloned: tuple[ChangedFile, ...], shop: Shop, client: Client
) -> None:
    repository = shop.repository
    repository.git._run("fetch", "--quiet", str(nasty.path), "+refs/heads/*:refs/incoming/*")
    shop.ops.push(repository, "main", nasty.git("rev-parse", "main"))
    shop.jay.push(repository, "change", nasty.git("rev-parse", "change"))
    seen = (await look_at(client, shop, shop.jay.open(repository, "change", title="Change"))).facts.pull
    assert seen.incomplete == ()
    for told, read in zip(sorted(seen.files, key=by_path), sorted(cloned, key=by_path), strict=True):
        assert plain(told) == plain(read)
    assert assess(seen.files, PROTECTED, CATALOGUE.infra) == assess(cloned, PROTECTED, CATALOGUE.infra)


def plain(file: ChangedFile) -> ChangedFile:
    """Where a mode or a type changes, git and GitHub have different words for it."""
    return replace(file, status=FileStatus.MODIFIED) if file.status is FileStatus.CHANGED else file


def by_path(file: ChangedFile) -> tuple[str, str]:
    return (file.path, file.old_path)
