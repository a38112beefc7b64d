"""A judged history as one self-contained HTML page."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.cli.backtest_report import iso, name_of
from bot.core.markdown import plain
from bot.core.tally import Backtest


def page(done: Backtest) -> str:
    """Everything is inside: no script, no font, no image, no link to elsewhere."""
    environment = Environment(
        loader=PackageLoader("bot.cli"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "iso": iso, "name": name_of}
    tally = done.tally
    counts = (
        ("Rule", tally.by_rule),
        ("Blast radius", tally.by_tier),
        ("Effect on infrastructure", tally.by_effect),
        ("AI involvement", tally.by_level),
        ("Tool", tally.by_agent),
        ("Verdict", tally.by_verdict),
    )
    return environment.get_template("backtest.html").render(done=done, tally=tally, counts=counts)
