"""Deployments and the environments that an App's protection rule is switched on for."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.objects import Account, App, Repository


@dataclass(eq=False, slots=True, kw_only=True)
class Deployment:
    """A job of a workflow run that deploys to an environment. `state` is waiting, approved or rejected.

    `gate` is the App whose protection rule it waits for; `reports` are what that App said meanwhile.
    """

    id: int
    repository: Repository
    run_id: int
    environment: str
    sha: str
    ref: str
    creator: Account
    created_at: int
    gate: App | None = None
    state: str = "waiting"
    reports: list[str] = field(default_factory=list)


class Deployments:
    """All of them, oldest first, and who guards which environment."""

    def __init__(self) -> None:
        self._all: list[Deployment] = []
        self._gates: dict[tuple[str, str], App] = {}

    def protect(self, where: Repository, environment: str, gate: App) -> None:
        self._gates[(where.full_name, environment)] = gate

    def gate(self, where: Repository, environment: str) -> App | None:
        return self._gates.get((where.full_name, environment))

    def environments(self, where: Repository) -> list[str]:
        """The guarded ones, sorted."""
        return sorted(name for full_name, name in self._gates if full_name == where.full_name)

    def add(self, one: Deployment) -> None:
        self._all.append(one)

    def of(self, where: Repository) -> list[Deployment]:
        return [one for one in self._all if one.repository is where]

    def of_run(self, where: Repository, run_id: int) -> list[Deployment]:
        return [one for one in self.of(where) if one.run_id == run_id]

    def waiting(self, where: Repository, run_id: int) -> list[Deployment]:
        return [one for one in self.of_run(where, run_id) if one.state == "waiting"]
