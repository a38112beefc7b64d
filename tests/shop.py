"""A small company on the embedded GitHub: one repository, a junior, two seniors, a gate, and the App installed."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox import rules
from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.git import Signature
from bot.sandbox.objects import PullRequest
from bot.sandbox.person import Person

TERRAFORM = 'resource "aws_db_instance" "orders" {\n  instance_class = "db.t4g.small"\n  port           = 5432\n}\n'
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"


class Shop:
    """`acme/shop`: `jay` is a junior with write, `sam` and `sue` are seniors, `ops` administers."""

    def __init__(self, github: EmbeddedGitHub) -> None:
        self.github = github
        self.world = github.world
        self.organization = github.add_organization("acme")
        self.repository = github.add_repository("acme/shop")
        self.jay, self.sam, self.sue, self.ops = (github.person(login) for login in ("jay", "sam", "sue", "ops"))
        self.seniors = self.world.add_team(self.organization, "senior-engineers", name="Senior engineers")
        self._staff()
        self.commit_to_main({"README.md": "# Shop\n", "terraform/main.tf": TERRAFORM})
        self.installation = github.install("acme")

    def _staff(self) -> None:
        actor = self.organization
        people.join_organization(self.world, actor, self.ops.account, role="admin")
        people.join_organization(self.world, actor, self.jay.account)
        self.seniors.repositories[self.repository.full_name] = "maintain"
        for senior in (self.sam, self.sue):
            people.join_team(self.world, self.seniors, senior.account, actor=actor)
        people.collaborate(self.world, self.repository, self.jay.account, "write", actor=actor)

    def commit_to_main(self, files: Mapping[str, str | bytes | None]) -> str:
        return self.ops.commit(self.repository, "main", files, message="Lay the ground")

    def require_check(self, context: str = "countersign/main", *, pinned: bool = True) -> None:
        """The ruleset that makes the App's check bind the default branch."""
        check = {"context": context} | ({"integration_id": self.github.app_id} if pinned else {})
        parameters = {"strict_required_status_checks_policy": False, "required_status_checks": [check]}
        rule = {"type": "required_status_checks", "parameters": parameters}
        rules.create(self.world, self.repository, {"name": "gate", "enforcement": "active", "rules": [rule]})

    def protect(self, environment: str = "production") -> None:
        """Switch the App's deployment protection rule on for an environment."""
        self.world.deployments.protect(self.repository, environment, self.github.app)

    def change(
        self,
        files: Mapping[str, str | bytes | None],
        *,
        message: str = "Change the shop",
        branch: str = "change",
        author: Person | None = None,
        by: Signature | None = None,
        title: str = "Change the shop",
        body: str = "",
    ) -> PullRequest:
        """A pull request with one commit on a new branch."""
        who = author or self.jay
        who.branch(self.repository, branch)
        who.commit(self.repository, branch, files, message=message, author=by)
        return who.open(self.repository, branch, title=title, body=body)
