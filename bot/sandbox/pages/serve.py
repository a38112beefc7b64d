"""The pages over HTTP: the list, a pull request with its tabs, and the forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.sandbox import difference
from bot.sandbox.objects import Account, PullRequest, Refusal
from bot.sandbox.pages import text, view
from bot.sandbox.pages.deeds import DEEDS, editable_files
from bot.sandbox.pages.visit import Visit, Visits
from bot.sandbox.person import Person
from bot.sandbox.world import World

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_STATIC = {"style.css": "text/css", "script.js": "text/javascript", "icon.svg": "image/svg+xml"}
_PULL = "/{owner}/{repo}/pull/{number:[0-9]+}"
# Login → what they are, for the switch; only accounts that exist are offered.
Cast = dict[str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """Renders the world for visitors who act as one of the cast."""

    def __init__(self, world: World, cast: Cast) -> None:
        self._world = world
        self._cast = cast
        self._visits = Visits(first=next(iter(cast), ""))
        self._templates = Environment(
            loader=PackageLoader("bot.sandbox.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters |= {"markdown": text.markdown, "inline": text.inline, "short": lambda sha: sha[:7]}

    def add_to(self, application: web.Application) -> None:
        router = application.router
        router.add_get("/", self._index)
        router.add_get("/static/{name}", self._static)
        router.add_get("/avatars/{id:[0-9]+}", self._avatar)
        router.add_post("/act-as", self._act_as)
        router.add_get(_PULL, self._conversation)
        router.add_get(f"{_PULL}/files", self._files)
        router.add_get(f"{_PULL}/state", self._state)
        router.add_post(f"{_PULL}/{{deed}}", self._do)
        router.add_get("/{owner}/{repo}/runs/{run:[0-9]+}", self._run)
        router.add_get("/{owner}/{repo}/blob/{revision:[^/]+}/{file:.+}", self._blob)

    # --- reading

    async def _index(self, request: web.Request) -> web.StreamResponse:
        pulls = [pull for one in self._world.repositories.values() for pull in one.pulls.values()]
        ordered = sorted(pulls, key=lambda pull: (pull.state != "open", -pull.created_at))
        rows = [(pull, view.worst_look(pull), view.checks(pull)) for pull in ordered]
        deploying = [one for one in self._world.repositories.values() if self._world.deployments.environments(one)]
        return self.page(request, "index.html", rows=rows, deploying=deploying)

    async def _conversation(self, request: web.Request) -> web.StreamResponse:
        pull = self._pull(request)
        return self.page(request, "conversation.html", entries=view.conversation(pull), **self._common(pull))

    async def _files(self, request: web.Request) -> web.StreamResponse:
        pull = self._pull(request)
        shown = [(file, list(text.patch_lines(file.patch or ""))) for file in view.changed_files(pull)]
        notes: dict[str, list[Any]] = {}
        for check in view.checks(pull):
            for note in check.run.annotations if check.run else ():
                notes.setdefault(note["path"], []).append((check.run, note))
        return self.page(request, "files.html", shown=shown, notes=notes, **self._common(pull))

    async def _state(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"fingerprint": view.fingerprint(self._pull(request))}, headers=HEADERS)

    async def _run(self, request: web.Request) -> web.StreamResponse:
        """A check run's page is the pull request that shows it."""
        one = self._world.repositories.get(f"{request.match_info['owner']}/{request.match_info['repo']}".lower())
        for run in one.runs if one else ():
            if str(run.id) == request.match_info["run"] and one is not None:
                for pull in self._world.pulls_at(one, run.head_sha):
                    raise web.HTTPSeeOther(f"/{one.full_name}/pull/{pull.number}#checks")
        raise web.HTTPNotFound

    async def _blob(self, request: web.Request) -> web.StreamResponse:
        """A file at a commit, line by line, so that a permanent link to a line leads there."""
        where = request.match_info
        one = self._world.repositories.get(f"{where['owner']}/{where['repo']}".lower())
        commit = one.git.resolve(where["revision"]) if one else None
        entry = one.git.entry(commit, where["file"]) if one and commit else None
        content = one.git.blob(entry.sha) if one and entry else None
        if one is None or content is None:
            raise web.HTTPNotFound
        facts = {"repository": one, "file": where["file"], "commit": commit}
        return self.page(request, "blob.html", lines=content.decode("utf-8", "replace").splitlines(), **facts)

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in _STATIC:
            raise web.HTTPNotFound
        content = files("bot.sandbox.pages").joinpath("static", name).read_text()
        return web.Response(text=content, content_type=_STATIC[name], headers=HEADERS)

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["id"])
        account = next((one for one in self._world.accounts.values() if one.id == number), None)
        if account is None:
            raise web.HTTPNotFound
        initials = "".join(word[0] for word in account.name.split()[:2]).upper()
        picture = self._templates.get_template("avatar.svg").render(initials=initials, hue=number * 47 % 360)
        return web.Response(text=picture, content_type="image/svg+xml", headers=HEADERS)

    # --- acting

    async def _act_as(self, request: web.Request) -> web.StreamResponse:
        visit, form = await self.form(request)
        if form.get("login") in {account.login for account, _ in self.offered()}:
            visit.login = form["login"]
        raise web.HTTPSeeOther(_local(form.get("back", "/")))

    async def _do(self, request: web.Request) -> web.StreamResponse:
        visit, form = await self.form(request)
        pull = self._pull(request)
        deed = DEEDS.get(request.match_info["deed"])
        if deed is None:
            raise web.HTTPNotFound
        try:
            visit.notice, visit.refused = deed(self.person(visit), pull, form), False
        except KeyError as missing:
            raise web.HTTPBadRequest(text=f"the form lacks {missing}") from missing
        except Refusal as refusal:
            details = [one for one in refusal.errors if isinstance(one, str)]
            visit.notice, visit.refused = " ".join([refusal.message, *details]), True
        raise web.HTTPSeeOther(_local(form.get("back") or f"/{pull.repository.full_name}/pull/{pull.number}"))

    async def form(self, request: web.Request) -> tuple[Visit, dict[str, str]]:
        """The visitor and the fields of a form that one of these pages showed them; 403 for any other."""
        visit, form = self._visits.of(request.cookies), await request.post()
        self._visits.check(visit, form)
        return visit, {name: str(value) for name, value in form.items()}

    def offered(self) -> list[tuple[Account, str]]:
        """Whom visitors may act as: the cast as far as it exists, else every user."""
        users = {account.login: account for account in self._world.accounts.values() if account.kind == "User"}
        cast = [(users[login], words) for login, words in self._cast.items() if login in users]
        return cast or [(account, "") for account in users.values()]

    def person(self, visit: Visit) -> Person:
        """Whom the visitor acts as."""
        return Person(self._world, self._viewer(visit))

    def _viewer(self, visit: Visit) -> Account:
        offered = [account for account, _ in self.offered()]
        if not offered:
            raise web.HTTPNotFound(text="nobody lives here yet")
        return next((account for account in offered if account.login == visit.login), offered[0])

    # --- rendering

    def _pull(self, request: web.Request) -> PullRequest:
        where = request.match_info
        try:
            return self._world.pull(f"{where['owner']}/{where['repo']}", int(where["number"]))
        except Refusal as refusal:
            raise web.HTTPNotFound from refusal

    def _common(self, pull: PullRequest) -> dict[str, Any]:
        return {
            "pull": pull,
            "box": view.merge_box(self._world, pull),
            "fingerprint": view.fingerprint(pull),
            "file_count": len(view.changed_files(pull)),
            "commits": difference.commits(pull),
            "editable": editable_files(pull),
            "last_message": pull.repository.git.commit(pull.head_sha).message,
        }

    def page(self, request: web.Request, template: str, **facts: Any) -> web.StreamResponse:
        """The template with what every page shows and the facts of this one."""
        visit = self._visits.of(request.cookies)
        viewer = self._viewer(visit)
        notice, refused, visit.notice = visit.notice, visit.refused, ""
        html = self._templates.get_template(template).render(
            cast=self.offered(),
            viewer=viewer,
            token=self._visits.form_token(visit),
            path=request.path,
            notice=notice,
            refused=refused,
            ago=lambda time: text.ago(max(self._world.now() - time, 0)),
            may_write=lambda one: self._world.can(one, viewer, "write"),
            **facts,
        )
        response = web.Response(text=html, content_type="text/html", headers=HEADERS)
        self._visits.keep(visit, response)
        return response


def _local(target: str) -> str:
    """A path on this very server, never another address."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
