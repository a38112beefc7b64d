"""What a line of prose says of AI by its form alone: footers, disclosures, links to a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

from bot.core.provenance.index import Index, any_of
from bot.core.provenance.signs import Sign, habit
from bot.core.provenance.strangers import MODEL

_MADE = (
    r"(?:co[- ]?|auto-?)?(?:generated|created|made|built|written|authored|developed|coded|implemented|produced|assisted"
    r"|powered|crafted|posted|opened|drafted|prepared|solved|done|fixed|refactored|pair[- ]programmed|paired)"
)
_WITH = (
    r"(?:(?:automatically|primarily|mostly|partly|partially|entirely|fully|in part|together)[, ]+){0,2}"
    r"(?:with|by|using|via|through)"
    r"(?:(?: the| some| a lot of| lots of| heavy)* ?(?:help|assistance|support|aid|use) (?:of|from|by))?"
)
# What follows the words of making is group 1 of these: it names the tool, or it does not.
_FOOTER = re2.compile(
    r"(?i)^[^\w\[(]*(?:(?:this|the|all|disclaimer|note|disclosure)[\w :,]{0,40} (?:was|were|is|are|has been) "
    r"|automat(?:ed|ic) [\w -]{2,40} )?"
    rf"{_MADE} {_WITH}[ :]+(?:an? |the )?[*_`@\[(]{{0,4}}(.{{2,160}})$",
)
_SENTENCE = re2.compile(
    r"(?i)\b(?:(?:was|were|is|been|i|we|mostly|entirely|partly|largely|code|commit|pr|patch|change|changes|fully)[ -]"
    rf"{_MADE} {_WITH}|(?:with|w/) (?:the |some |a lot of |lots of |heavy )?(?:help|assistance|aid) (?:of|from|by)"
    r"|(?:i|we) (?:have |also |mostly |just |heavily )?(?:used|asked|prompted)|thanks to)"
    r" (?:an? |the )?[`*\[@]*(.{2,80})",
)
_BY = re2.compile(r"(?i)\b(?:by|with|using|via)[ :]+(?:an? |the )?[*_`@\[(]{0,4}")
_ROBOTS = ("🤖", "🦾", "🧠", "👾")
_PICTURES = r"\x{2600}-\x{27bf}\x{1f300}-\x{1faff}"
# A footer that a picture opens and a proper name or a link closes; the makers of plain files are not meant.
_ROBOT_LINK = re2.compile(
    rf"^[*_ ]{{0,3}}[{_PICTURES}][\x{{200d}}\x{{fe0f}}{_PICTURES}]{{0,4}}[*_ ]{{0,3}}"
    rf"(?i:{_MADE} {_WITH})[ :]+(?i:the |an? )?(?:\[[^\]]{{1,60}}\]\(https?://\S+\)"
    r"|[A-Z][\w.-]*(?: [A-Z][\w.-]*){0,2}(?: \([^()]{1,120}\))?)\W*$"
    rf"|^[*_ ]{{0,3}}🤖[*_ ]{{0,3}}(?i:{_MADE} {_WITH})[ :]+(?i:(?:the |an? |another |other )"
    r"(?:ai |coding )?agents?|[a-z][a-z0-9]*(?:[.-][a-z0-9]+)+)(?: \([^()]{1,120}\))?\W*$",
)
_LINK_FOOTER = re2.compile(
    r"(?i)^[*_ ]{0,3}(?:generated|created|made|written|built|coded) (?:with|by|using) \[[^\]]{1,60}\]"
    r"\(https?://([a-z0-9.-]+)[^ )]*\)(?: (?:on behalf of|for|requested by) @?[\w-]+)?[*_. ]*$",
)
_FOR_TASK = re2.compile(
    rf"(?i)^(?:this )?(?:pr|pull request|commit|change|patch)? ?(?:was |has been )?{_MADE} {_WITH} [\w. -]{{2,40}}"
    r" for (?:the )?(?:task|session|thread) \[[^\]]{1,60}\]\(https?://([a-z0-9.-]+)/",
)
_PLAIN_MAKER = re2.compile(
    r"(?i)github[ -]actions|renovate|dependabot|release[ -]please|semantic[ -]release|workflow|\bscripts?\b"
    r"|terraform|openapi|swagger|protoc|docs?\b|jenkins|\bci\b|codegen|gitbook|weblate|crowdin|pre-commit|black|prettier"
    r"|gofmt|ruff|eslint|doxygen|sphinx|\bc?make\b|maven|gradle|bazel|\bnpm\b|yarn|cargo|\bbuf\b|antlr|\byacc|bison|\bflex\b"
    r"|jekyll|\bhugo\b|autoconf|automake|jhipster|yeoman|cookiecutter|copier|kubebuilder|kustomize|pulumi|django|rails",
)
_GENERIC = re2.compile(
    r"(?i)^(?:(?:an?|some|generative|modern|my|various|multiple)[ -])*"
    r"(?:ai|a\.i\.|gen-?ai|llms?|large language models?|artificial intelligence|ai/llm)\b"
    r"(?:[ -]?(?:tool|assist|agent|coding|help|model|pair|based|generated|/|powered|code|support)|\W*$|[.,:;)])"
    r"|^(?:(?:an?|autonomous|background|coding|software)[ -])*(?:autonomous|coding) agent\b",
)
# A name that nobody has listed, told by what stands behind it: `Frobnicator AI`, `[Frobnicator](…) coding agent`.
_CALLED_AI = re2.compile(
    r"^\[?[A-Z][\w.+-]*(?: [A-Z][\w.+-]*)?(?:\]\([^)]*\))?(?: AI(?:\W*$|[.,:;)])|,? (?i:an? )?"
    r"(?i:(?:ai|llm)(?: coding| software| development)?|coding|autonomous|software engineering)"
    r" (?i:agent|assistant|tool)\b)",
)
_AI_ADJECTIVE = re2.compile(
    r"(?i)\b(?:ai|llm|claude|copilot|chatgpt|gpt|cursor|codex)[- ](?:generated|written|authored|assisted|coded) "
    r"(?:code|commit|pr|pull request|patch|change|changes|contribution|implementation)"
    r"(?:\W*$|[.,:;)]| (?:with|by|for|from|using|via|in|that|which|to|and)\b)|\bvibe[- ]?coded\b"
    r"|\bi (?:have |also |mostly )?used (?:an? |some )?(?:ai|llm)s?(?: tools?| agents?)? to"
    r" (?:write|generate|draft|help|create|implement|produce|refactor)\b"
    r"|^[-*+] \[x\] \W*(?:yes,? )?(?:an? )?(?:ai|llms?)(?: tools?)? (?:was|were|has been|have been) used\b",
)
# What stands apart from the rest of the line: `(written by Copilot)`, `upgrade tips, written by Claude Code`.
_ASIDE = re2.compile(rf"(?i)[(,;] ?{_MADE} {_WITH} (?:an? |the )?[`*\[@]*([^(),;]{{2,60}}?)[`*\]]*\)?\W*$")
_ALONE = re2.compile(r"(?i)^\W*(\w[\w.]*(?: \w+)?)[- ](?:generated|written|authored|assisted|coded)\W*$")
_NEGATION = re2.compile(
    r"(?i)\b(?:no|not|never|without|none|isn't|wasn't|weren't|aren't|don't|didn't|doesn't|cannot|neither|nor)\b",
)
# A line that is a link alone, maybe with a label: group 1 is the host, group 2 the last word of the path.
_LINK = re2.compile(
    r"^(?:[\w /*_-]{0,40}: ?)?[^\w]{0,3}(?:\[[^\]]{0,60}\]\()?https?://([a-z0-9.-]+)/(?:[^ )>\"]*?[/?&=_])?"
    r"(?:sessions?|threads?|tasks?|agents?|conversations?|trajectories|chats?|share)[/=_](?:[a-z]{1,6}[_-])?"
    r"([A-Za-z0-9][\w-]{7,})[^ )>\"]*[)>.]?\W*$",
)
# A link that is called a session, alone or where a reader is sent for details: group 1 is the host.
_LABELLED = re2.compile(
    r"(?i)^\W*(?:(?:for )?(?:more )?details?,? |please )?"
    r"(?:(?:view|open|see|continue|resume|inspect|read)(?: the| this| in)?[ :]*)?"
    r"(?:\[(?:[\w.-]+ ){0,4}(?:session|transcript|trajectory|conversation)\]\("
    r"|(?:[\w.-]+ ){0,3}(?:session|transcript|trajectory):? )https?://([a-z0-9.-]+)/[^ )>\"]{6,}[)>.]?\W*$",
)
_ARCHIVE = re2.compile(
    r"^(?:lists?|groups?|mail|mailing|archives?|forums?|community|discuss|discourse|talk|boards?)\.|@|/(?:archives?|hyperkitty|pipermail|mailman3?)/"
)
_NO_AGENT_HOST = re2.compile(
    r"(?:^|\.)(?:github\.com|githubusercontent\.com|gitlab\.com|google\.com|slack\.com|atlassian\.net|kernel\.org"
    r"|discord\.com|stackoverflow\.com|reddit\.com|zendesk\.com|asana\.com|clickup\.com|linear\.app|notion\.so"
    r"|microsoft\.com|sentry\.io|datadoghq\.com|grafana\.net|circleci\.com|buildkite\.com|apache\.org|mozilla\.org"
    r"|freelists\.org|ycombinator\.com|dropbox\.com|loom\.com|figma\.com|zoom\.us|live\.com|trello\.com|monday\.com"
    r"|todoist\.com|youtube\.com|youtu\.be|vimeo\.com|honeycomb\.io|newrelic\.com|sched\.com|meetup\.com|webex\.com|apple\.com|phabricator\.[a-z.]+)$",
)
# What may follow a tool's everyday name where it stands for the tool.
_TAIL = re2.compile(
    r"(?i)^(?:\W*$| *<|[\]*_`)]*\(|\] ?\(|[*_`\]]*[.,;:!]|[*_`]* [(\[]"
    r"|[*_`\]]* (?:and|with|via|code|agent|cli|ide|ai|for|to|in|because|as|on|v?\d)\b)",
)
# A picture that is a link, and a link in HTML, are read as the link itself.
_BADGE = re2.compile(r"\[!\[([^\]]{0,60})\]\([^ )]*\)\]\(")
_ANCHOR = re2.compile(r"(?i)<a\b[^>]{0,200}href=[\"']([^\"' >]+)[\"'][^>]{0,200}>.*$")
_FORMS = (_FOOTER, _ROBOT_LINK, _LINK_FOOTER, _FOR_TASK, _LINK, _LABELLED, _SENTENCE, _AI_ADJECTIVE, _ASIDE, _ALONE)
_ANY = any_of([*(form.pattern for form in _FORMS), "^[🤖🦾🧠👾]"])


def signs_of_phrase(text: str, index: Index) -> Iterator[Sign]:
    """The signs in a line's wording. A footer stands alone; a sentence says who made the change and with what."""
    if "[![" in text or "<a " in text:
        text = str(_ANCHOR.sub(r"\1", _BADGE.sub(r"[\1](", text)))
    if _ANY.search(text) is None:
        return
    footer = _FOOTER.search(text)
    if footer is not None:
        agent = _named(footer.group(1), index)
        if agent is not None:
            yield habit("generated-footer", index, agent=agent)
            return
    if text.startswith(_ROBOTS):
        agent = next((one for one in _named_after(_BY, text, index)), None)
        if agent is not None:
            yield habit("robot-footer", index, agent=agent)
            return
    if _is_makers_line(text):
        yield habit("robot-footer", index)
        return
    if _is_session_link(text):
        yield habit("session-link", index)
        return
    yield from _of_sentence(text, index)


def is_plain_maker(text: str) -> bool:
    """Whether the text names a maker of plain files."""
    return _PLAIN_MAKER.search(text) is not None


def _is_makers_line(text: str) -> bool:
    """Whether the line is a footer of some maker that is not known to be plain."""
    linked = _LINK_FOOTER.search(text) or _FOR_TASK.search(text)
    linked_out = linked is not None and _NO_AGENT_HOST.search(linked.group(1)) is None
    return (linked_out or _ROBOT_LINK.search(text) is not None) and not is_plain_maker(text)


def _is_session_link(text: str) -> bool:
    """Whether the line is a link to a session by its path or by what it is called, and to no archive or public site."""
    link = _LINK.search(text)
    found = link if link is not None and _looks_like_id(link.group(2)) else _LABELLED.search(text)
    if found is None or _NO_AGENT_HOST.search(found.group(1)) is not None:
        return False
    return _ARCHIVE.search(text[text.index("://") + 3 :]) is None


def _named_after(pattern: Any, text: str, index: Index) -> Iterator[str]:
    """The tools that directly follow a match of the pattern."""
    for match in pattern.finditer(text):
        agent = _named(text[match.end() :], index)
        if agent is not None:
            yield agent


def _of_sentence(text: str, index: Index) -> Iterator[Sign]:
    if _NEGATION.search(text) is not None:
        return
    sentence = _SENTENCE.search(text)
    agent = _named(sentence.group(1), index) if sentence is not None else None
    agent = agent or _apart(text, index)
    if agent is None and _AI_ADJECTIVE.search(text) is not None:
        agent = "unknown"
    if agent is not None:
        yield habit("disclosing-sentence", index, agent=agent)


def _apart(text: str, index: Index) -> str | None:
    """The tool of a remark that stands apart, or of a line that says nothing else."""
    for form in (_ASIDE, _ALONE):
        match = form.search(text)
        if match is not None and match.group(1).strip(" .") == match.group(1):
            return _named(match.group(1), index)
    return None


def _named(text: str, index: Index) -> str | None:
    """The tool that the text begins with, `unknown` for AI in general, None when it begins with something else."""
    named = index.named.search(text)
    if named is not None and named.start(1) <= 1:
        return index.tools_by_name[named.group(1).lower()]
    model = MODEL.search(text)
    if model is not None and model.start(1) <= 1:
        return "unknown"
    shared = index.shared.search(text)
    if shared is not None and shared.start(1) <= 1 and _ends_there(text[shared.end(1) :]):
        return index.tools_by_name[shared.group(1).lower()]
    return "unknown" if _GENERIC.search(text) is not None or _CALLED_AI.search(text) is not None else None


def _ends_there(rest: str) -> bool:
    """Whether a tool's everyday name stands for the tool: nothing follows that makes it a part of another name."""
    return _TAIL.search(rest) is not None


def _looks_like_id(text: str) -> bool:
    """Whether a link's last word is an identifier, not a title."""
    return any(letter.isdigit() for letter in text) and not text.isdigit()
