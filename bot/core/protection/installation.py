"""Whether the App was given what it needs, and whether GitHub's events reach it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.protection.facts import App, Grants, Webhook
from bot.core.protection.gap import Gap, Severity

LEVELS = ("", "read", "write", "admin")
WHERE = "the App"


def gaps_of_app(app: App, wanted: Grants, webhook_url: str) -> Iterator[Gap]:
    """`wanted` is what app.yml asks; `webhook_url` is where this App listens, "" when that is not known."""
    settings = f"in the settings of the App `{app.slug}`"
    yield from _missing(WHERE, app.grants, wanted, settings)
    for sentence in app.unknown:
        yield _gap("app-unknown", Severity.UNKNOWN, sentence, "run doctor with the App's own credentials")
    if app.webhook is not None:
        yield from _webhook(app.webhook, webhook_url, settings)
    if not app.installed:
        wrong = "the App is installed nowhere"
        yield _gap("not-installed", Severity.BREAKS, wrong, f"install it, “Install App” {settings}")
    for one in app.installed:
        where = f"the installation on {one.account}"
        if one.is_suspended:
            wrong = f"{where} is suspended: no change there is judged"
            yield _gap("installation-suspended", Severity.BREAKS, wrong, f"unsuspend it in {one.account}'s settings")
        # What the App itself lacks is said once above.
        given = Grants(permissions=_capped(wanted, app.grants), events=wanted.events & app.grants.events)
        yield from _missing(where, one.grants, given, f"accept the App's new permissions in {one.account}'s settings")


def _gap(id_: str, severity: Severity, wrong: str, remedy: str) -> Gap:
    return Gap(id=id_, severity=severity, where=WHERE, wrong=wrong, remedy=remedy)


def _capped(wanted: Grants, given: Grants) -> dict[str, str]:
    return {name: min(level, given.permissions.get(name, ""), key=_rank) for name, level in wanted.permissions.items()}


def _rank(level: str) -> int:
    """A level that GitHub adds later is worth nothing until it is known here."""
    return LEVELS.index(level) if level in LEVELS else 0


def _missing(where: str, given: Grants, wanted: Grants, place: str) -> Iterator[Gap]:
    for name, level in sorted(wanted.permissions.items()):
        if _rank(given.permissions.get(name, "")) < _rank(level):
            wrong = f"the permission `{name}: {level}` is missing"
            remedy = f"grant it {place}" if where == WHERE else place
            yield Gap(id="permission-missing", severity=Severity.BREAKS, where=where, wrong=wrong, remedy=remedy)
    for event in sorted(wanted.events - given.events):
        wrong = f"the event `{event}` is not sent to the App"
        remedy = f"subscribe to it {place}" if where == WHERE else place
        yield Gap(id="event-missing", severity=Severity.BREAKS, where=where, wrong=wrong, remedy=remedy)


def _webhook(webhook: Webhook, url: str, settings: str) -> Iterator[Gap]:
    if not webhook.url:
        wrong = "the App has no webhook address, so it hears of nothing"
        yield _gap("webhook-missing", Severity.BREAKS, wrong, f"set the webhook URL {settings}")
        return
    if url and webhook.url != url:
        wrong = f"the webhook goes to {webhook.url}, and the App listens at {url}"
        yield _gap("webhook-elsewhere", Severity.BREAKS, wrong, f"set the webhook URL {settings}, or PUBLIC_URL")
    if not webhook.is_json:
        wrong = "the webhook sends forms, and the App reads JSON"
        yield _gap("webhook-form", Severity.BREAKS, wrong, f"set the webhook's content type to JSON {settings}")
    if not webhook.has_secret:
        wrong = "the webhook is not signed, so every delivery is refused"
        yield _gap("webhook-unsigned", Severity.BREAKS, wrong, f"set WEBHOOK_SECRET as the webhook's secret {settings}")
    if not webhook.checks_certificate:
        wrong = "the webhook's certificate is not checked, so that others can read the events"
        yield _gap("webhook-unverified", Severity.ADVICE, wrong, f"enable SSL verification {settings}")
    total = webhook.delivered + webhook.failed
    if webhook.failed:
        wrong = f"{webhook.failed} of the newest {total} deliveries did not arrive"
        severity = Severity.ADVICE if webhook.delivered else Severity.BREAKS
        yield _gap("deliveries-failing", severity, wrong, f"see “Advanced” {settings}; serve asks for them again")
