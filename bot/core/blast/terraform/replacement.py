"""Attributes whose change makes the provider destroy an object and create another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Pair, effect_of
from bot.core.blast.terraform.identity import is_stateful
from bot.core.finding import Confidence, Effect, Side

_NUMBERS = re2.compile(r"#\d+|\.\d+")
_HOLES = re2.compile(r"\$\{[^}]*\}")


def forced_replacements(comparison: Comparison, infra: Infra) -> Iterator[Effect]:
    for pair in comparison.changed:
        ignored = _ignored(pair.after.attributes)
        for path, is_known in _replacing_paths(pair, infra):
            confidence = _certainty(pair.before.attributes.get(path), pair.after.attributes.get(path))
            excused = bool({"all", path.partition(".")[0]} & ignored) or _is_renamed_input(pair, path)
            if confidence is not None and not excused:
                yield _effect(pair, path, confidence if is_known else min(confidence, Confidence.MEDIUM), infra)
                break


def _is_renamed_input(pair: Pair, path: str) -> bool:
    """Whether a module is given the same value under another argument's name, as when its interface changed."""
    before, after = pair.before.attributes, pair.after.attributes
    if pair.after.type != "module" or (path in before and path in after):
        return False
    with_it, without = (before, after) if path in before else (after, before)
    return any(text == with_it[path] and other not in with_it for other, text in without.items())


def _replacing_paths(pair: Pair, infra: Infra) -> Iterator[tuple[str, bool]]:
    """Changed paths that cannot change in place, and whether the provider itself says so."""
    type_ = pair.after.type
    said = infra.replacements["terraform"].get(type_, frozenset())
    likely = _likely(type_, infra) if not said else frozenset()
    if type_ == "module":
        said = infra.names["terraform-replacing-arguments"]
    if not said and not likely:
        return
    changed = sorted({path for path, _ in pair.before.attributes.items() ^ pair.after.attributes.items()})
    plain = {path: _NUMBERS.sub("", path) for path in changed}
    yield from ((path, bool(said)) for path, name in plain.items() if name in said or name in likely)


def _likely(type_: str, infra: Infra) -> frozenset[str]:
    """Of the type, or of every type of its provider."""
    table = infra.replacements["terraform-likely"]
    return table.get(type_) or table.get(f"{type_.partition('_')[0]}_*", frozenset())


def _certainty(before: str | None, after: str | None) -> Confidence | None:
    """How sure it is that the two texts are two values; None when they may well be one."""
    if before is None or after is None:
        lone = after if before is None else before
        # What an unset argument means is the provider's to say; null and false are what most mean by it.
        return Confidence.MEDIUM if lone and _is_literal(lone) and lone not in ("null", "false", '""') else None
    if _is_literal(before) and _is_literal(after):
        return Confidence.HIGH if before.strip('"') != after.strip('"') else None
    if before.startswith('"') and after.startswith('"') and _letters(before) != _letters(after):
        return Confidence.MEDIUM
    return None


def _is_literal(text: str) -> bool:
    if text.startswith('"'):
        return "${" not in text
    return text in ("true", "false", "null") or text.lstrip("-").replace(".", "", 1).isdigit()


def _letters(template: str) -> str:
    """The letters and digits around the holes of a template; separators are often variables with a default."""
    return "".join(letter for letter in _HOLES.sub("", template) if letter.isalnum())


def _ignored(attributes: Mapping[str, str]) -> set[str]:
    return {
        text.strip('"').partition("[")[0].partition(".")[0]
        for path, text in attributes.items()
        if path.startswith("lifecycle.ignore_changes")
    }


def _effect(pair: Pair, path: str, confidence: Confidence, infra: Infra) -> Effect:
    rule = "terraform-stateful-replaced" if is_stateful(pair.after, infra) else "terraform-object-replaced"
    after = pair.after.attributes.get(path)
    reason = (
        f"`{path}` of `{pair.after.address}` cannot change in place, "
        f"so {'setting it anew' if after is None else f'making it {_short(after)}'} destroys and creates the object"
    )
    return effect_of(
        infra,
        rule,
        pair.after,
        kind="terraform",
        side=Side.HEAD,
        reason=reason,
        confidence=confidence,
        attribute=path,
    )


def _short(text: str) -> str:
    longest = 60
    return f"`{text if len(text) <= longest else text[:longest] + '…'}`"
