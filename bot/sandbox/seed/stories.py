"""The pull requests the sandbox opens with, one function each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.sandbox.git import Signature
from bot.sandbox.objects import PullRequest, Repository
from bot.sandbox.person import Person
from bot.sandbox.world import World

CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"
CURSOR = "Co-authored-by: Cursor Agent <cursoragent@cursor.com>"
COPILOT = "Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>"
HOUR_SECONDS = 3600

Cast = Mapping[str, Person]


def tell(world: World, repository: Repository, cast: Cast) -> None:
    """Tell every story, the oldest first, an hour apart; the last one opens an hour ago."""
    for place, story in enumerate(STORIES):
        with world.ago((len(STORIES) - place) * HOUR_SECONDS):
            story(repository, cast)


def _text(repository: Repository, path: str) -> str:
    entry = repository.git.entry(repository.git.resolve("main") or "", path)
    content = repository.git.blob(entry.sha) if entry else None
    return (content or b"").decode()


def _replaced(repository: Repository, path: str, *pairs: tuple[str, str]) -> str:
    """A file of the main branch with each first text replaced by its second; each must be there."""
    text = _text(repository, path)
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"{path}: expected to find {old!r}")
        text = text.replace(old, new)
    return text


def human_docs(repository: Repository, cast: Cast) -> None:
    """Jay writes documentation by hand: nothing is asked."""
    text = _text(repository, "docs/runbook.md") + "\n## Roll back\n\nRevert the merge and let the pipeline deploy it.\n"
    _propose(
        cast["jay"],
        repository,
        branch="docs/roll-back",
        files={"docs/runbook.md": text},
        message="Explain how to roll back a release",
        body="I had to ask three people last night, so here it is.",
    )


def ai_docs(repository: Repository, cast: Cast) -> None:
    """Claude writes documentation: AI-assisted, but it touches no infrastructure."""
    text = _text(repository, "docs/checkout-api.md") + (
        "\n## Errors\n\n| status | meaning |\n|---|---|\n| 400 | the basket is empty |\n| 409 | a price has changed |\n"
    )
    _propose(
        cast["jay"],
        repository,
        branch="docs/checkout-errors",
        files={"docs/checkout-api.md": text},
        message=f"Document the errors of the checkout API\n\n{CLAUDE}",
        body="Adds the table of errors that support keeps asking for.\n\n"
        "🤖 Generated with [Claude Code](https://claude.com/claude-code)",
    )


def ai_edit(repository: Repository, cast: Cast) -> None:
    """Copilot adds a tag to the instances: infrastructure, but only an edit."""
    text = _replaced(repository, "terraform/compute.tf", ('"payments"\n', '"payments"\n      Cost = "checkout"\n'))
    _propose(
        cast["jay"],
        repository,
        branch="tag-instances",
        files={"terraform/compute.tf": text},
        message=f"Tag the checkout instances for the cost report\n\n{COPILOT}",
        body="Finance wants to see checkout apart in the cost report.",
    )


def bot_update(repository: Repository, cast: Cast) -> None:
    """Plain automation, known to the policy, updates a provider."""
    text = _replaced(repository, "terraform/versions.tf", ("~> 5.70", "~> 5.80"))
    _propose(
        cast["renovate[bot]"],
        repository,
        branch="renovate/aws-5.x",
        files={"terraform/versions.tf": text},
        message="Update Terraform aws to ~> 5.80",
        body="| package | update | change |\n|---|---|---|\n| aws | minor | `~> 5.70` -> `~> 5.80` |",
    )


def forged_removal(repository: Repository, cast: Cast) -> None:
    """The first push says that Claude wrote it; a force-push then takes the trailer away."""
    jay, message = cast["jay"], "Let the office reach the orders database"
    text = _replaced(
        repository,
        "terraform/network.tf",
        ('"Checkout instances"', '"Checkout instances and the office"'),
        ("10.20.0.0/16", "0.0.0.0/0"),
    )
    files = {"terraform/network.tf": text}
    _propose(
        jay,
        repository,
        branch="office-access",
        files=files,
        message=f"{message}\n\n{CLAUDE}",
        body="Needed for the quarterly report. Small change, please merge today.",
    )
    jay.commit(repository, "office-access", files, message=message, onto=repository.git.resolve("main"))


def approved_edit(repository: Repository, cast: Cast) -> None:
    """Cursor raises the scaling limit and a senior approves exactly that."""
    text = _replaced(repository, "terraform/compute.tf", ("max_size            = 6", "max_size            = 10"))
    pull = _propose(
        cast["jay"],
        repository,
        branch="scale-checkout",
        files={"terraform/compute.tf": text},
        message=f"Let checkout scale to ten instances\n\n{CURSOR}",
        body="Black Friday is coming.",
    )
    cast["mira"].approve(pull, "Checked against last year's peak. Ten is right.")


def ai_replacement(repository: Repository, cast: Cast) -> None:
    """Claude gives the database more room by renaming it: Terraform would delete it and create another."""
    text = _replaced(
        repository,
        "terraform/database.tf",
        ('"aws_db_instance" "orders"', '"aws_db_instance" "orders_v2"'),
        ('"orders"\n  engine ', '"orders-v2"\n  engine '),
        ("= 200", "= 500"),
        ("deletion_protection     = true", "deletion_protection     = false"),
        ("skip_final_snapshot     = false", "skip_final_snapshot     = true"),
        ("\n\n  lifecycle {\n    prevent_destroy = true\n  }", ""),
    )
    _propose(
        cast["jay"],
        repository,
        branch="bigger-database",
        files={"terraform/database.tf": text},
        message=f"Give the orders database more room\n\nThe plan tripped over prevent_destroy, so it goes.\n\n{CLAUDE}",
        body="The orders database is at 91 % of its disk. This gives it 500 GB.\n\n"
        "🤖 Generated with [Claude Code](https://claude.com/claude-code)",
    )


def _propose(
    author: Person,
    repository: Repository,
    *,
    branch: str,
    files: Mapping[str, str | bytes | None],
    message: str,
    body: str,
) -> PullRequest:
    """One commit on a new branch, and a pull request titled by its subject."""
    world, account = author.world, author.account
    author.branch(repository, branch)
    signature = Signature(name=account.name, email=account.email, time=world.now())
    author.commit(repository, branch, files, message=message, author=signature)
    return author.open(repository, branch, title=message.split("\n", 1)[0], body=body)


STORIES: tuple[Callable[[Repository, Cast], None], ...] = (
    human_docs,
    ai_docs,
    ai_edit,
    bot_update,
    forged_removal,
    approved_edit,
    ai_replacement,
)
