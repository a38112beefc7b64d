"""The documents say what the code does: commands, settings, targets."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bot.core.approval.commands import COMMANDS
from bot.core.policy.model import Policy
from bot.core.policy.parse import parse_policy

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def test_the_readme_lists_every_comment_command_and_no_other() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| `/")]
    listed = {word for row in rows for word in re.findall(r"`(/[a-z-]+)", row)}
    assert listed == set(COMMANDS)


def test_the_readme_lists_every_setting() -> None:
    source = (ROOT / "bot" / "settings.py").read_text()
    read = set(re.findall(r'environment(?:\.get\(|, )"([A-Z_]+)"', source))
    listed = set(re.findall(r"`([A-Z][A-Z_]+)`", README))
    assert read == listed & read
    assert {name for name in listed if name in source} == read


def test_the_policy_of_the_readme_is_valid() -> None:
    (text,) = re.findall(r"```yaml\n(version: 1.*?)```", README, re.DOTALL)
    assert isinstance(parse_policy(text, "README.md"), Policy)


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
        named = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", (ROOT / document).read_text()))
        assert named <= targets, document


def test_every_picture_and_file_that_the_documents_link_exists() -> None:
    for document in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (ROOT / target).exists(), f"{document.name} links {target}"


def test_workflows_grant_nothing_and_pin_every_action() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {}, path
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "uses" in step:
                    assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
