"""Signs are found on every surface, present and past, and texts of any kind are read in bounded time."""

# ruff: noqa: E501 - a table of cases reads best with one case a line

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.finding import Evidence, Involvement, Strength
from bot.core.policy.model import CustomMarker, ProvenancePolicy
from bot.core.provenance.find import find_evidence, find_in_commit
from bot.core.pull import Actor, ActorKind, Commit, PullRequest, Repository, Review, ReviewState, Signatory
from bot.data import load_catalogue
from tests.builders import HEAD, blob, changed_file, commit, pull

MARKERS = load_catalogue().markers
POLICY = ProvenancePolicy()
CLAUDE = "Fix it\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"
BOT = Actor(login="frobnicator[bot]", id=99, kind=ActorKind.BOT)
GHOST = Actor(login="ghost", id=None, kind=ActorKind.GHOST)


def signs(found: PullRequest | Commit, policy: ProvenancePolicy = POLICY) -> list[Evidence]:
    if isinstance(found, Commit):
        return list(find_in_commit(found, policy, MARKERS))
    return list(find_evidence(found, policy, MARKERS))


def rules(found: PullRequest | Commit) -> set[str]:
    return {one.rule for one in signs(found)}


def test_evidence_names_its_place_and_its_very_line() -> None:
    (found,) = signs(pull(commits=(commit(CLAUDE),)))
    assert (found.agent, found.where, found.past) == ("claude-code", f"commit {HEAD[:8]}", False)
    assert found.text == "Co-authored-by: Claude <noreply@anthropic.com>"


PAST = [
    ("a commit pushed away", {"past_commits": (commit(CLAUDE),)}),
    ("an edited body", {"past_bodies": ("🤖 Generated with [Claude Code](https://claude.com/claude-code)",)}),
    ("an edited title", {"past_titles": ("aider: fix it",)}),
    ("a renamed branch", {"past_head_refs": ("codex/fix-it",)}),
    ("a box once ticked", {"past_bodies": ("- [x] Yes <!-- countersign:ai -->",)}),
]


@pytest.mark.parametrize("name, fields", PAST, ids=[case[0] for case in PAST])
def test_what_was_seen_once_is_still_evidence(name: str, fields: dict[str, object]) -> None:
    del name
    found = signs(pull(**fields))
    assert found
    assert all(one.past and one.strength >= Strength.STRONG for one in found)


SURFACES = [
    ("an unknown bot opened it", {"author": BOT}, "unknown-bot"),
    ("an unknown bot pushed to it", {"pushers": (BOT,)}, "unknown-bot"),
    ("the account is gone", {"author": GHOST}, "unread-identity"),
    ("Copilot as REST spells it", {"author": Actor(login="Copilot", id=198982749, kind=ActorKind.BOT)}, "copilot-coding-agent-account-198982749"),
    ("a label of the policy", {"labels": ("Agent:Codex",)}, "configured-label"),
    ("the body", {"body": "Fix\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)"}, "generated-footer"),
    ("a hidden mark in the body", {"body": "<!-- CURSOR_AGENT_PR_BODY_BEGIN -->"}, "cursor-body-begin"),
    ("a transcript", {"files": (changed_file(".specstory/history/2026-01-01_x.md", None, "x"),)}, "specstory-transcript"),
    ("a tool's folder", {"files": (changed_file("web/.kiro/specs/x.md", "a", "b"),)}, "kiro-file-kiro"),
    ("a commit's account", {"commits": (commit(author_account=BOT),)}, "unknown-bot"),
]  # fmt: skip


@pytest.mark.parametrize("name, fields, rule", SURFACES, ids=[case[0] for case in SURFACES])
def test_every_surface_is_read(name: str, fields: dict[str, object], rule: str) -> None:
    del name
    assert rule in {one.rule for one in signs(pull(**fields), ProvenancePolicy(labels=("agent:*",)))}


HARMLESS = [
    ("an open box", {"body": "- [ ] Warp Agent Mode - This PR was created via Warp's AI Agent Mode"}),
    ("a comment", {"body": "<!-- Generated-by: Claude Code -->"}),
    ("a reviewer's summary", {"body": "x\n<!-- CURSOR_SUMMARY -->\nWritten by [Cursor](https://cursor.com)\n<!-- /CURSOR_SUMMARY -->"}),
    ("a revert's title", {"title": 'Revert "aider: fix it"'}),
    ("a branch that only resembles", {"head_ref": "copilot-major-upgrade/x"}),
    ("a listed bot", {"author": Actor(login="dependabot[bot]", id=49699333, kind=ActorKind.BOT)}),
    ("a person called Claude", {"author": Actor(login="claude", id=81847, kind=ActorKind.USER)}),
    ("a trace of people", {"files": (changed_file(".agent-trace/traces.jsonl", None, '{"files":[{"conversations":[{"contributor":{"type":"human"}}]}]}'),)}),
]  # fmt: skip


@pytest.mark.parametrize("name, fields", HARMLESS, ids=[case[0] for case in HARMLESS])
def test_what_only_speaks_of_ai_is_no_sign(name: str, fields: dict[str, object]) -> None:
    del name
    assert [one for one in signs(pull(**fields)) if one.strength >= Strength.STRONG] == []


def test_a_reviewer_and_a_committer_have_written_nothing() -> None:
    review = Review(id=1, author=BOT, state=ReviewState.COMMENTED, commit_sha=HEAD, submitted_at=1)
    agent = Signatory(name="Claude", email="noreply@anthropic.com")
    found = signs(pull(reviews=(review,), commits=(commit(committer=agent),)))
    assert {one.involvement for one in found} == {Involvement.REVIEWED, Involvement.TOUCHED}
    assert {one.strength for one in found} == {Strength.WEAK}


def test_a_policy_vouches_for_its_own_automation_but_never_for_a_listed_tool() -> None:
    policy = ProvenancePolicy(automation=("frobnicator[bot]", "claude[bot]"))
    assert signs(pull(author=BOT), policy) == []
    assert signs(pull(author=Actor(login="claude[bot]", id=209825114, kind=ActorKind.BOT)), policy)


CUSTOM = [
    ("trailer", {"commits": (commit("Fix it\n\nAcme-Helper: yes\n"),)}, "^acme-helper: yes"),
    ("message", {"commits": (commit("Fix it\n\nmade on the acme robot\n"),)}, "acme robot"),
    ("branch", {"head_ref": "robots/x"}, "^robots/"),
    ("label", {"labels": ("robot made",)}, "^robot"),
    ("person", {"commits": (commit("Fix it\n\nCo-authored-by: R2 <r2@acme.example>\n"),)}, "<r2@acme"),
]


@pytest.mark.parametrize("surface, fields, pattern", CUSTOM, ids=[case[0] for case in CUSTOM])
def test_an_organisations_own_marker_is_found(surface: str, fields: dict[str, object], pattern: str) -> None:
    own = CustomMarker(id="acme", agent="acme", surface=surface, pattern=pattern, strength=Strength.STRONG)
    assert signs(pull(**fields)) == []
    assert {one.rule for one in signs(pull(**fields), ProvenancePolicy(markers=(own,)))} == {"acme"}


MESSAGES = [
    ("a literal line end", "Fix it\\n\\nCo-authored-by: Claude <noreply@anthropic.com>", True),
    ("a folded trailer", "Fix it\n\nCo-authored-by: factory-droid[bot]\n     <138933559+factory-droid[bot]@users.noreply.github.com>", True),
    ("carriage returns", "Fix it\r\n\r\nCo-authored-by: Claude <noreply@anthropic.com>\r\n", True),
    ("a squash body", "Fix\n\n* one\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\n* two\n\n---------\n\nSigned-off-by: A <a@b.c>", True),
    ("git's squash list", "commit 1a2b3c4d\nAuthor: A <a@b.c>\n\n    x\n\n    Co-authored-by: Claude <noreply@anthropic.com>\n", True),
    ("indented under a bullet", "Fix (#1)\n\n* one\n\n    Co-authored-by: Claude <noreply@anthropic.com>\n", True),
    ("a bot's name at a person's address", "Fix it\n\nCo-authored-by: frob[bot] <1+sam@users.noreply.github.com>", True),
    ("box drawing", "Fix it\n\n│Co-authored-by: Claude <noreply@anthropic.com>", True),
    ("entities", "Fix it\n\nCo-authored-by: Claude &lt;noreply@anthropic.com&gt;", True),
    ("a space before the colon", "Fix it\n\nAssisted-by : Gemini AI", True),
    ("a fence that is never closed", "Fix it\n\n```\n\nCo-authored-by: Claude <noreply@anthropic.com>", True),
    ("an AI's own revert", 'Revert "x"\n\nThis reverts commit 1.\n\nCo-authored-by: Claude <noreply@anthropic.com>', True),
    ("a broken picture before prose", "Fix it\n\n\ufffd Improved safety: all of it", False),
    ("a credit whose key is broken", "Fix it\n\nCo-auth\ufffdred-by: C <c@example.com>", True),
    ("an unticked box", "Fix it\n\n- [ ] This was written by Claude Code", False),
    ("a ticked box", "Fix it\n\n- [x] This was written by Claude Code", True),
    ("a quotation", "Fix it\n\n> Co-authored-by: Claude <noreply@anthropic.com>", False),
    ("code", "Fix it\n\n```\nCo-authored-by: Claude <noreply@anthropic.com>\n```\n", False),
    ("an indented example", "Document trailers\n\nLike so:\n\n    Assisted-by: Crush:kimi-k2.6\n", False),
    ("what a revert repeats", 'Revert "x"\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\nThis reverts commit 1.', False),
    ("staff of a vendor", "Fix it\n\nCo-authored-by: Ashwin <ashwin@anthropic.com>", False),
    ("a name inside a word", "Fix it\n\nCo-authored-by: H. Bari <haider.bari@example.com>", False),
    ("review, not authorship", "address Copilot review\n\nReviewed-by: Claude <noreply@anthropic.com>", False),
    ("word sense", "Store the cursor in the agent composer and continue\n\nuse AMP", False),
]  # fmt: skip


@pytest.mark.parametrize("name, message, is_ai", MESSAGES, ids=[case[0] for case in MESSAGES])
def test_messages_of_every_shape(name: str, message: str, is_ai: bool) -> None:
    del name
    assert any(one.strength >= Strength.STRONG for one in signs(commit(message))) is is_ai


@given(st.text(), st.text(), st.text())
def test_no_text_raises(message: str, name: str, email: str) -> None:
    signs(commit(message + "\nCo-authored-by: " + name, author=Signatory(name=name, email=email), notes=(message,)))
    signs(pull(body=message, title=name, head_ref=email, labels=(name,)))


def test_half_a_surrogate_pair_is_read_around() -> None:
    assert "claude-code-email-noreply-anthropic-com" in rules(
        commit("x \ud800\n\nCo-authored-by: C <noreply@anthropic.com>")
    )


def test_what_is_too_long_is_evidence_of_its_own() -> None:
    assert rules(commit("x" * (1 << 20) + "y")) == {"unread-text"}
    assert "unread-text" in rules(commit("s\n\n" + "Co-authored-by: Claude Opus 4 <a@b.c>\n" * 3_000))
    assert "unread-text" in rules(commit("s\n\n" + "Claude Code " * 1_000))
    assert "unread-identity" in rules(commit(author=Signatory(name="n" * 1_000, email="e")))


def test_a_commit_by_nobody_has_an_author_who_cannot_be_read() -> None:
    nobody = Signatory(name=" ", email="")
    assert rules(commit(author=nobody, committer=nobody)) == {"unread-identity"}
    assert signs(commit("Fix it\n\nCo-authored-by: \n")) == []


def test_a_message_of_megabytes_is_read_at_both_ends_and_said_to_be_unread() -> None:
    """Whatever stands in the middle cannot hide: that it was not read counts by itself."""
    filler = "lorem ipsum\n" * 250_000
    trailer = "Co-authored-by: Claude <noreply@anthropic.com>\n"
    assert rules(commit(filler + trailer)) == {"unread-text", "claude-code-email-noreply-anthropic-com"}
    assert rules(commit(filler + trailer + filler)) == {"unread-text"}


@pytest.mark.parametrize("count", [100, 1_999, 50_000])
def test_the_sign_behind_thousands_of_trailers_is_found_or_said_to_be_unread(count: int) -> None:
    crowd = "".join(f"Co-authored-by: Ann Roe {number} <ann{number}@example.org>\n" for number in range(count))
    found = rules(commit(f"Fix it\n\n{crowd}Co-authored-by: Claude <noreply@anthropic.com>\n"))
    assert found == ({"claude-code-email-noreply-anthropic-com"} if count < 2_000 else {"unread-text"})


def test_a_body_that_was_deleted_from_its_history_is_unread() -> None:
    (found,) = signs(pull(deleted_bodies=2))
    assert (found.rule, found.strength, found.past) == ("unread-text", Strength.STRONG, True)
    assert found.text == "2 earlier texts deleted from its history"


def test_a_note_is_read_by_its_published_format() -> None:
    def note(key: str) -> str:
        return f'a.py\n  {key} 1-3\n---\n{{"schema_version":"authorship/3.0.0","sessions":{{"s_1":{{"agent_id":{{"tool":"cursor"}}}}}}}}'

    assert [one.agent for one in signs(commit(notes=(note("s_1::t_2"),)))] == ["cursor"]
    assert signs(commit(notes=(note("h_1"),))) == []
    assert rules(commit(notes=(note("s_9::t_2"),))) == {"unread-text"}
    assert rules(commit(notes=(note("s_1")[:-9],))) == {"unread-text"}


def test_a_trace_counts_where_this_change_adds_it() -> None:
    record = '{"files":[{"conversations":[{"contributor":{"type":"ai"}}]}]}\n'
    added = changed_file(".agent-trace/traces.jsonl", None, record)
    assert rules(pull(files=(added,))) == {"agent-trace-file"}
    assert rules(pull(files=(changed_file(".agent-trace/traces.jsonl", record, record + "{}\n"),))) == set()
    assert rules(pull(files=(replace(added, head=blob(None)),))) == {"agent-trace-file"}


HOSTILE = [
    ("newlines", "\n" * 65_536),
    ("blanks", " " * 65_536),
    ("one key", "co-authored-by: " * 4_096),
    ("open brackets", "<[(" * 21_845),
    ("bold", "*" * 65_536),
    ("keys", "a-by: b\n" * 8_192),
    ("links", "https://x/sessions/" * 3_449),
    ("words of making", "was generated by " * 3_855),
    ("colons", ":" * 65_536),
    ("escapes", "\\n" * 32_768),
    ("look-alikes", "Со-аuthоred-by: Clаude\n" * 2_850),
    ("robots", "🤖 " * 32_768),
]


@pytest.mark.parametrize("name, text", HOSTILE, ids=[case[0] for case in HOSTILE])
def test_hostile_texts_are_read_in_bounded_time(name: str, text: str) -> None:
    del name
    started = time.process_time()
    signs(pull(body=text, title=text[:256], commits=(commit(text), commit("Fix\n\nCo-authored-by: " + text))))
    assert time.process_time() - started < 2.0


BOTS = [
    ("acme-renovate[bot]", False),
    ("acme-release-app[bot]", False),
    ("acme-ci[bot]", False),
    ("acme-release-agent[bot]", True),
    ("acme-ai-ci[bot]", True),
    ("acme-helper[bot]", True),
    ("ci[bot]", True),
]


def by(login: str) -> Commit:
    named = Signatory(name=login, email=f"1234567+{login}@users.noreply.github.com")
    return commit(author=named, committer=named)


@pytest.mark.parametrize("login, is_ai", BOTS)
def test_a_history_without_accounts_believes_an_automations_usual_name(login: str, is_ai: bool) -> None:
    assert bool(find_in_commit(by(login), POLICY, MARKERS)) is is_ai
    local = pull(repository=Repository(id=0, owner="local", name="shop"), commits=(by(login), by(login)))
    assert (rules(local) == {"unknown-bot"}) is is_ai
    assert rules(replace(local, commits=(by(login), commit()))) == {"unknown-bot"}, "not all by that bot"
    merge = commit(parents=("b" * 40, "c" * 40))
    assert (rules(replace(local, commits=(by(login), merge))) == {"unknown-bot"}) is is_ai, "a merge of the base"
    assert rules(replace(local, past_commits=(commit(),))) == {"unknown-bot"}, "not all by that bot"


@pytest.mark.parametrize("login", [login for login, _ in BOTS])
def test_102_on_github_no_name_makes_an_unknown_app_plain_automation(login: str) -> None:
    """Nor does it with every commit of its own (107): anybody may call an App so."""
    account = Actor(login=login, id=1_234_567, kind=ActorKind.BOT)
    assert rules(pull(author=account, commits=(by(login),))) == {"unknown-bot"}
    assert rules(pull(pushers=(account,))) == {"unknown-bot"}
    assert rules(pull(commits=(by(login),))) == {"unknown-bot"}


def test_a_policy_vouches_for_its_own_app_by_its_very_name() -> None:
    account = Actor(login="acme-ci[bot]", id=1_234_567, kind=ActorKind.BOT)
    policy = ProvenancePolicy(automation=("acme-ci[bot]",))
    assert signs(pull(author=account, commits=(by("acme-ci[bot]"),)), policy) == []


@pytest.mark.parametrize("login", ["dependabot[bot]", "renovate[bot]", "github-actions[bot]"])
def test_listed_automation_is_plain_everywhere(login: str) -> None:
    account = Actor(login=login, id=1_234_567, kind=ActorKind.BOT)
    assert rules(pull(author=account, commits=(by(login),))) == set()
