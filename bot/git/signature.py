"""Who signed a commit: the key's fingerprint out of the signature itself, without verifying it."""

from __future__ import annotations

import base64
import hashlib

_SSH_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_PGP_BEGIN = "-----BEGIN PGP SIGNATURE-----"
_LARGEST = 65536
_SSH_MAGIC = b"SSHSIG"
_SSH_KEY_LENGTH_OFFSET = len(_SSH_MAGIC) + 4
_ISSUER = 16
_ISSUER_FINGERPRINT = 33


def signing_key(armoured: str) -> str:
    """`SHA256:…` for an SSH signature, the 16-digit key id for a PGP one, "" when neither can be read."""
    packet = _unarmour(armoured[:_LARGEST])
    try:
        if armoured.startswith(_SSH_BEGIN):
            return _ssh_fingerprint(packet)
        if armoured.startswith(_PGP_BEGIN):
            return _pgp_key_id(packet)
    except IndexError:
        return ""
    return ""


def _unarmour(text: str) -> bytes:
    """The base64 body between the armour lines; PGP's headers, blank line and checksum are left out."""
    lines = [line.strip() for line in text.splitlines()[1:]]
    body = "".join(line for line in lines if line and ":" not in line and not line.startswith(("-----", "=")))
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        return b""


def _ssh_fingerprint(packet: bytes) -> str:
    # magic, uint32 version, string public key, …:
    # https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
    start = _SSH_KEY_LENGTH_OFFSET + 4
    length = int.from_bytes(packet[_SSH_KEY_LENGTH_OFFSET:start], "big")
    key = packet[start : start + length]
    if not packet.startswith(_SSH_MAGIC) or not key or len(key) != length:
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode("ascii").rstrip("=")


def _pgp_key_id(packet: bytes) -> str:
    # Version 4 signature packets, https://www.rfc-editor.org/rfc/rfc4880#section-5.2.3
    body = _pgp_signature_body(packet)
    if body[0] != 4:  # noqa: PLR2004 - the packet's version
        return ""
    hashed = int.from_bytes(body[4:6], "big")
    unhashed = int.from_bytes(body[6 + hashed : 8 + hashed], "big")
    areas = body[6 : 6 + hashed], body[8 + hashed : 8 + hashed + unhashed]
    found = dict(pair for area in areas for pair in _subpackets(area))
    if _ISSUER_FINGERPRINT in found:
        return found[_ISSUER_FINGERPRINT][-8:].hex().upper()
    return found.get(_ISSUER, b"").hex().upper()


def _pgp_signature_body(packet: bytes) -> bytes:
    """The first packet's body when it is a signature (tag 2), else a byte that is no version."""
    tag = packet[0]
    if tag & 0x40:  # new format
        is_signature, (length, start) = tag & 0x3F == 2, _new_length(packet, 1)  # noqa: PLR2004 - RFC 4880, 4.3
    else:
        octets = 1 << (tag & 3)
        is_signature, length, start = tag >> 2 & 0xF == 2, int.from_bytes(packet[1 : 1 + octets], "big"), 1 + octets  # noqa: PLR2004
    return packet[start : start + length] if is_signature else b"\0"


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    """A length of RFC 4880 section 4.2.2 at offset `at`, and the offset behind it."""
    first = data[at]
    if first < 192:  # noqa: PLR2004 - RFC 4880, 4.2.2.1
        return first, at + 1
    if first < 255:  # noqa: PLR2004 - RFC 4880, 4.2.2.2
        return (first - 192 << 8) + data[at + 1] + 192, at + 2
    return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5


def _subpackets(area: bytes) -> list[tuple[int, bytes]]:
    found = []
    at = 0
    while at < len(area):
        length, start = _new_length(area, at)
        if length == 0:
            break
        found.append((area[start] & 0x7F, area[start + 1 : start + length]))
        at = start + length
    return found
