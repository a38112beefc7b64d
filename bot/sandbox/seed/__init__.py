"""The company the sandbox opens with: its people, its repository, and pull requests that each tell a story."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from bot.sandbox import rules
from bot.sandbox.actions import people
from bot.sandbox.git import Signature
from bot.sandbox.objects import Account, App, Repository, Team
from bot.sandbox.person import Person
from bot.sandbox.seed import stories
from bot.sandbox.world import World

ORGANIZATION = "acme"
REPOSITORY = "acme/storefront"
CHECK = "countersign/main"
# Login → name of everybody a visitor can be, with what they are here.
CAST = {
    "jay": ("Jay Okafor", "junior engineer"),
    "sam": ("Sam Lindqvist", "senior engineer"),
    "mira": ("Mira Castellanos", "senior engineer"),
    "noor": ("Noor Haddad", "SRE lead"),
}
WEEK_SECONDS = 7 * 24 * 3600


def furnish(world: World, app: App) -> Repository:
    """Everything there is before the App is installed: people, teams, code, and the rule that blocks merging."""
    with world.ago(WEEK_SECONDS):
        owner = world.add_account(ORGANIZATION, kind="Organization", name="Acme")
        world.add_account("renovate[bot]", kind="Bot")
        repository = world.add_repository(owner, REPOSITORY.partition("/")[2])
        cast = {login: world.add_account(login, name=name) for login, (name, _) in CAST.items()}
        _staff(world, owner, repository, cast)
        _first_commit(world, repository, cast["noor"])
    _require_check(world, repository, app)
    world.deployments.protect(repository, "production", app)
    return repository


def tell(world: World, repository: Repository) -> None:
    """Open the pull requests, oldest first; an installed App hears of each step."""
    cast = {login: Person(world, world.account(login)) for login in (*CAST, "renovate[bot]")}
    stories.tell(world, repository, cast)


def _staff(world: World, owner: Account, repository: Repository, cast: dict[str, Account]) -> None:
    engineering = world.add_team(owner, "engineering", name="Engineering")
    seniors = world.add_team(owner, "senior-engineers", name="Senior engineers", parent=engineering)
    leads = world.add_team(owner, "sre-leads", name="SRE leads", parent=engineering)
    _may(repository, {engineering: "write", seniors: "maintain", leads: "maintain"})
    for team, logins in ((engineering, ["jay"]), (seniors, ["sam", "mira"]), (leads, ["noor"])):
        for login in logins:
            people.join_team(world, team, cast[login], actor=owner)
    repository.collaborators["renovate[bot]"] = "write"


def _may(repository: Repository, roles: dict[Team, str]) -> None:
    for team, role in roles.items():
        team.repositories[repository.full_name] = role


def _first_commit(world: World, repository: Repository, author: Account) -> None:
    root = files("bot.sandbox.seed").joinpath("storefront")
    content = {path: file.read_bytes() for path, file in _walk(root, "")}
    signature = Signature(name=author.name, email=author.email, time=world.now())
    Person(world, author).commit(repository, "main", content, message="Bring the storefront", author=signature)


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{prefix}{entry.name}"
        found += _walk(entry, f"{path}/") if entry.is_dir() else [(path, entry)]
    return found


def _require_check(world: World, repository: Repository, app: App) -> None:
    """The App's check is required and pinned to the App, and changes come by pull request."""
    checks = {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": CHECK, "integration_id": app.id}],
    }
    reviews = {
        "required_approving_review_count": 0,
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    wanted = {
        "name": "Countersign",
        "enforcement": "active",
        "rules": [
            {"type": "required_status_checks", "parameters": checks},
            {"type": "pull_request", "parameters": reviews},
        ],
    }
    rules.create(world, repository, wanted)
