"""Check runs, check suites and commit statuses."""

from __future__ import annotations

from bot.sandbox import rules
from bot.sandbox.actions import checking
from bot.sandbox.objects import App, CheckRun, CheckSuite, Refusal
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import checks, repository


def _owner(call: Call) -> App:
    if call.caller.installation is None or call.caller.app is None:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    return call.caller.app


def create_run(call: Call) -> Answer:
    run = checking.create_run(call.world, call.repository, _owner(call), call.body)
    return Answer(status=201, body=checks.check_run(call.world, call.repository, run))


def update_run(call: Call) -> Answer:
    if call.run.app is not _owner(call):
        raise Refusal(
            403,
            "Invalid app_id `"
            + str(_owner(call).id)
            + "` - check run can only be modified by the app that created it.",
        )
    checking.update_run(call.world, call.repository, call.run, call.body)
    return Answer(body=checks.check_run(call.world, call.repository, call.run))


def get_run(call: Call) -> Answer:
    return Answer(body=checks.check_run(call.world, call.repository, call.run))


def list_annotations(call: Call) -> Answer:
    run = call.run
    return call.page(run.annotations, lambda note: checks.annotation(call.world, call.repository, run, note))


def rerequest_run(call: Call) -> Answer:
    checking.rerequest(call.world, call.repository, call.run, actor=call.actor)
    return Answer(status=201, body={})


def _facet(run: CheckRun, name: str) -> str:
    return {"check_name": run.name, "status": run.status, "app_id": str(run.app.id)}[name]


def list_runs(call: Call) -> Answer:
    one, sha = call.repository, call.commit("ref")
    runs = [run for run in one.runs if run.head_sha == sha]
    if call.query.get("filter", "latest") == "latest":
        runs = rules.latest_runs(one, sha)
    for name in {"check_name", "status", "app_id"} & call.query.keys():
        runs = [run for run in runs if _facet(run, name) == call.query[name]]
    runs = sorted(runs, key=lambda run: -run.id)
    return call.page(runs, lambda run: checks.check_run(call.world, one, run), key="check_runs")


def list_suites(call: Call) -> Answer:
    one, sha = call.repository, call.commit("ref")
    suites = [suite for suite in one.suites if suite.head_sha == sha and _suite_wanted(call, suite)]
    return call.page(suites, lambda suite: checks.check_suite(call.world, one, suite), key="check_suites")


def _suite_wanted(call: Call, suite: CheckSuite) -> bool:
    name = call.query.get("check_name")
    runs: list[CheckRun] = [run for run in call.repository.runs if run.suite is suite]
    named = name is None or any(run.name == name for run in runs)
    return named and call.query.get("app_id", str(suite.app.id)) == str(suite.app.id)


def create_status(call: Call) -> Answer:
    it = checking.set_status(
        call.world, call.repository, call.parameters["sha"], call.body, creator=call.actor, app=call.caller.app
    )
    return Answer(status=201, body=checks.status(call.world, call.repository, it))


def list_statuses(call: Call) -> Answer:
    sha = call.commit("ref")
    found_statuses = [one for one in reversed(call.repository.statuses) if one.sha == sha]
    return call.page(found_statuses, lambda one: checks.status(call.world, call.repository, one))


def combined_status(call: Call) -> Answer:
    one, sha = call.repository, call.commit("ref")
    latest = rules.latest_statuses(one, sha)
    states = {status.state for status in latest}
    bad = states & {"failure", "error"}
    state = "failure" if bad else ("success" if states == {"success"} else "pending")
    paged = call.page(latest, lambda status: checks.simple_status(call.world, one, status), key="statuses")
    url = repository.repository_url(call.world, one)
    more = {
        "state": state,
        "sha": sha,
        "repository": repository.repository(call.world, one),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }
    return Answer(body=paged.body | more, headers=paged.headers)


_REPO = "/repos/{owner}/{repo}"
_RUN = f"{_REPO}/check-runs/{{check_run_id}}"
ROUTES = routes(
    [
        ("POST", f"{_REPO}/check-runs", create_run, "checks:write"),
        ("GET", _RUN, get_run, "checks:read"),
        ("PATCH", _RUN, update_run, "checks:write"),
        ("GET", f"{_RUN}/annotations", list_annotations, "checks:read"),
        ("POST", f"{_RUN}/rerequest", rerequest_run, "checks:write"),
        ("GET", f"{_REPO}/commits/{{ref:.+}}/check-runs", list_runs, "checks:read"),
        ("GET", f"{_REPO}/commits/{{ref:.+}}/check-suites", list_suites, "checks:read"),
        ("POST", f"{_REPO}/statuses/{{sha}}", create_status, "statuses:write"),
        ("GET", f"{_REPO}/commits/{{ref:.+}}/statuses", list_statuses, "statuses:read"),
        ("GET", f"{_REPO}/commits/{{ref:.+}}/status", combined_status, "statuses:read"),
    ]
)
