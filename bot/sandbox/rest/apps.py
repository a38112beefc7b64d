"""The App itself, its installations, their tokens, and its webhook deliveries."""

from __future__ import annotations

from bot.sandbox.events import covered
from bot.sandbox.hooks import Delivery
from bot.sandbox.objects import Installation, Json, Refusal
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import people, repository
from bot.sandbox.shapes.people import timestamp
from bot.sandbox.world import found


def get_app(call: Call) -> Answer:
    count = sum(one.app is call.app for one in call.world.installations.values())
    return Answer(body=people.app(call.world, call.app) | {"installations_count": count})


def list_installations(call: Call) -> Answer:
    mine = [one for one in call.world.installations.values() if one.app is call.app]
    return call.page(mine, lambda one: people.installation(call.world, one))


def _installation(call: Call) -> Installation:
    one = found(call.world.installations.get(call.number("installation_id")))
    if one.app is not call.app:
        raise Refusal(404, "Not Found")
    return one


def get_installation(call: Call) -> Answer:
    return Answer(body=people.installation(call.world, _installation(call)))


def get_repository_installation(call: Call) -> Answer:
    target = call.world.repository(f"{call.parameters['owner']}/{call.parameters['repo']}")
    one = next((one for one in call.world.installations_on(target) if one.app is call.app), None)
    return Answer(body=people.installation(call.world, found(one)))


def get_organization_installation(call: Call) -> Answer:
    owner = call.world.account(call.parameters["org"])
    mine = (one for one in call.world.installations.values() if one.app is call.app and one.account is owner)
    return Answer(body=people.installation(call.world, found(next(mine, None))))


def create_token(call: Call) -> Answer:
    installation = _installation(call)
    if installation.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    token, caller = call.gatekeeper.installation_token(installation, call.body)
    chosen = caller.repositories
    body: Json = {
        "token": token,
        "expires_at": timestamp(caller.expires_at),
        "permissions": caller.permissions,
        "repository_selection": "selected" if chosen is not None or installation.repositories is not None else "all",
    }
    if chosen is not None:
        body["repositories"] = [
            repository.repository(call.world, one) for one in covered(call.world, installation) if one.id in chosen
        ]
    return Answer(status=201, body=body)


def list_repositories(call: Call) -> Answer:
    installation = call.caller.installation
    if installation is None:
        raise Refusal(403, "You must authenticate with an installation access token in order to list repositories.")
    chosen = call.caller.repositories
    mine = [one for one in covered(call.world, installation) if chosen is None or one.id in chosen]
    selection = "all" if installation.repositories is None else "selected"
    return call.page(
        mine, lambda one: repository.repository(call.world, one), key="repositories", repository_selection=selection
    )


def get_hook_config(call: Call) -> Answer:
    """Where the App's events go; the secret is told as stars only."""
    if call.app not in call.world.apps.values():
        raise Refusal(404, "Not Found")
    hooks = call.world.hooks
    config = {"url": hooks.url or "", "content_type": hooks.content_type, "insecure_ssl": hooks.insecure_ssl}
    return Answer(body=config | ({"secret": "********"} if hooks.secret else {}))


def list_deliveries(call: Call) -> Answer:
    """Newest first; the cursor is the id of the first delivery of the next page."""
    mine = [one for one in reversed(call.world.hooks.deliveries) if one.app is call.app and one.status != "pending"]
    if "status" in call.query:
        mine = [one for one in mine if _failed(one) == (call.query["status"] == "failure")]
    if "cursor" in call.query:
        mine = [one for one in mine if one.id <= int(call.query["cursor"].removeprefix("v1_"))]
    size = min(int(call.query.get("per_page", "30")), 100)
    headers = {}
    if len(mine) > size:
        address = f"{call.world.api_url}/app/hook/deliveries?per_page={size}&cursor=v1_{mine[size].id}"
        status = f"&status={call.query['status']}" if "status" in call.query else ""
        headers["Link"] = f'<{address}{status}>; rel="next"'
    return Answer(body=[_brief(one) for one in mine[:size]], headers=headers)


def _failed(delivery: Delivery) -> bool:
    return not 200 <= delivery.status_code < 300  # noqa: PLR2004 - the success class of HTTP


def _brief(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": timestamp(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.number("installation"),
        "repository_id": delivery.number("repository"),
        "throttled_at": None,
    }


def _delivery(call: Call) -> Delivery:
    wanted = call.number("delivery_id")
    mine = (one for one in call.world.hooks.deliveries if one.app is call.app and one.id == wanted)
    return found(next(mine, None))


def get_delivery(call: Call) -> Answer:
    one = _delivery(call)
    return Answer(
        body=_brief(one)
        | {
            "url": call.world.hooks.url or "",
            "request": {"headers": one.request_headers, "payload": one.payload},
            "response": {"headers": one.response_headers, "payload": one.response_body},
        }
    )


def redeliver(call: Call) -> Answer:
    call.world.hooks.send_again(_delivery(call))
    return Answer(status=202, body={})


ROUTES = routes(
    [
        ("GET", "/app", get_app, ""),
        ("GET", "/app/installations", list_installations, ""),
        ("GET", "/app/installations/{installation_id}", get_installation, ""),
        ("POST", "/app/installations/{installation_id}/access_tokens", create_token, ""),
        ("GET", "/app/hook/config", get_hook_config, ""),
        ("GET", "/app/hook/deliveries", list_deliveries, ""),
        ("GET", "/app/hook/deliveries/{delivery_id}", get_delivery, ""),
        ("POST", "/app/hook/deliveries/{delivery_id}/attempts", redeliver, ""),
        ("GET", "/repos/{owner}/{repo}/installation", get_repository_installation, ""),
        ("GET", "/orgs/{org}/installation", get_organization_installation, ""),
        ("GET", "/installation/repositories", list_repositories, "metadata:read"),
    ]
)
