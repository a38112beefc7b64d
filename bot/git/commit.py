"""A raw commit object into a `Commit`: nothing is formatted, mapped or verified on the way."""

from __future__ import annotations

import re2

from bot.core.pull import Actor, ActorKind, Commit, Signatory, Signature
from bot.git.signature import signing_key

# A commit may declare another encoding. Only those count in which ASCII stays ASCII: in any other, a message could
# hide its trailers from whoever reads it as git shows it.
_ENCODINGS = frozenset(
    {"iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-15", "latin-1", "latin1", "cp1250", "cp1251", "cp1252"}
    | {"windows-1250", "windows-1251", "windows-1252", "koi8-r", "koi8-u", "euc-jp", "euc-kr", "gb2312", "gb18030"},
)

# https://docs.github.com/account-and-profile/reference/email-addresses-reference: GitHub links a commit to the
# account by this address; the numeric id is missing in addresses made before July 2017.
_NOREPLY = re2.compile(r"(?i)^(?:([0-9]{1,18})\+)?([a-z0-9_-]{1,100}(?:\[bot\])?)@users\.noreply\.github\.com$")

_TIME = re2.compile(rb"(?m)^committer .*> ([0-9]{1,12}) [+-][0-9]{4}$")


def parse_commit(sha: str, raw: bytes, notes: tuple[str, ...]) -> Commit:
    """The commit `sha` from the object's bytes. Never raises: what is malformed comes out empty."""
    head, _, body = raw.partition(b"\n\n")
    headers = _headers(head)
    encoding = headers.get(b"encoding", [b""])[0].decode("ascii", "replace")
    author = _signatory(headers.get(b"author", [b""])[0], encoding)
    committer = _signatory(headers.get(b"committer", [b""])[0], encoding)
    return Commit(
        sha=sha,
        message=_decode(body, encoding),
        author=author,
        committer=committer,
        parents=tuple(parent.decode("ascii", "replace") for parent in headers.get(b"parent", [])),
        author_account=linked_account(author.email),
        committer_account=linked_account(committer.email),
        signature=_signature(headers),
        notes=notes,
    )


def commit_time(raw: bytes) -> int:
    """The committer's time, Unix seconds; 0 when it cannot be read."""
    match = _TIME.search(raw.partition(b"\n\n")[0])
    return int(match[1]) if match else 0


def linked_account(email: str) -> Actor | None:
    """The account that GitHub's own private address names, None for every other address."""
    match = _NOREPLY.match(email)
    if match is None:
        return None
    number, login = match.groups()
    kind = ActorKind.BOT if login.lower().endswith("[bot]") else ActorKind.USER
    return Actor(login=login, id=int(number) if number else None, kind=kind)


def _headers(head: bytes) -> dict[bytes, list[bytes]]:
    """Header name → its values in order. A line that starts with a space continues the one before."""
    headers: dict[bytes, list[bytes]] = {}
    values: list[bytes] = []
    pieces: list[bytes] = []
    for line in head.split(b"\n"):
        if line.startswith(b" ") and values:
            pieces.append(line[1:])
            continue
        _finish(values, pieces)
        name, _, value = line.partition(b" ")
        values = headers.setdefault(name, [])
        values.append(value)
        pieces = [value]
    _finish(values, pieces)
    return headers


def _finish(values: list[bytes], pieces: list[bytes]) -> None:
    if values:
        values[-1] = b"\n".join(pieces)


def _signatory(ident: bytes, encoding: str) -> Signatory:
    """`Name <email> 1700000000 +0100`, split as git does: at the first `<` and the first `>` after it."""
    name, _, rest = ident.partition(b"<")
    return Signatory(name=_decode(name, encoding).strip(), email=_decode(rest.partition(b">")[0], encoding).strip())


def _signature(headers: dict[bytes, list[bytes]]) -> Signature | None:
    armoured = headers.get(b"gpgsig") or headers.get(b"gpgsig-sha256")
    if not armoured:
        return None
    return Signature(fingerprint=signing_key(armoured[0].decode("ascii", "replace")), verified=False)


def _decode(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        known = encoding.lower() in _ENCODINGS
        return raw.decode(encoding if known else "utf-8", "replace")
