"""The page of a repository's deployments: start one by hand, and see what it waits for."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.objects import Refusal, Repository
from bot.sandbox.pages.serve import Pages
from bot.sandbox.world import World

_PATH = "/{owner}/{repo}/deployments"


class Deployments:
    def __init__(self, pages: Pages, world: World) -> None:
        self._pages = pages
        self._world = world

    def add_to(self, application: web.Application) -> None:
        application.router.add_get(_PATH, self._list)
        application.router.add_post(_PATH, self._deploy)

    def _repository(self, request: web.Request) -> Repository:
        try:
            return self._world.repository(f"{request.match_info['owner']}/{request.match_info['repo']}")
        except Refusal as refusal:
            raise web.HTTPNotFound from refusal

    async def _list(self, request: web.Request) -> web.StreamResponse:
        """The newest first."""
        where = self._repository(request)
        branches = [name.removeprefix("refs/heads/") for name, _ in where.git.refs("refs/heads/")]
        return self._pages.page(
            request,
            "deployments.html",
            where=where,
            branches=sorted(branches, key=lambda name: (name != where.default_branch, name)),
            environments=self._world.deployments.environments(where),
            rows=list(reversed(self._world.deployments.of(where))),
        )

    async def _deploy(self, request: web.Request) -> web.StreamResponse:
        visit, form = await self._pages.form(request)
        where = self._repository(request)
        try:
            one = self._pages.person(visit).deploy(where, form["environment"], form["ref"])
            visit.notice, visit.refused = f"Run {one.run_id} wants to deploy {one.sha[:7]} to {one.environment}.", False
        except KeyError as missing:
            raise web.HTTPBadRequest(text=f"the form lacks {missing}") from missing
        except Refusal as refusal:
            visit.notice, visit.refused = refusal.message, True
        raise web.HTTPSeeOther(f"/{where.full_name}/deployments")
