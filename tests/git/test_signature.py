"""A signature names its key; rubbish names none and never raises."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.git.signature import signing_key


def armour(kind: str, packet: bytes, extra: str = "") -> str:
    body = base64.b64encode(packet).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(
        [f"-----BEGIN {kind} SIGNATURE-----", *extra.splitlines(), *lines, f"-----END {kind} SIGNATURE-----"]
    )


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


KEY = string(b"ssh-ed25519") + string(b"k" * 32)
SSH = b"SSHSIG" + (1).to_bytes(4, "big") + string(KEY) + string(b"git") + string(b"") + string(b"sha512")
FINGERPRINT = "SHA256:" + base64.b64encode(hashlib.sha256(KEY).digest()).decode().rstrip("=")

ISSUER = b"\x09\x10" + bytes.fromhex("0123456789ABCDEF")
ISSUER_FINGERPRINT = b"\x16\x21\x04" + bytes(12) + bytes.fromhex("FEDCBA9876543210")


def pgp_body(hashed: bytes, unhashed: bytes) -> bytes:
    areas = len(hashed).to_bytes(2, "big") + hashed + len(unhashed).to_bytes(2, "big") + unhashed
    return b"\x04\x00\x01\x08" + areas + b"\xab\xcd" + b"m" * 300


def old_format(body: bytes) -> bytes:
    return b"\x89" + len(body).to_bytes(2, "big") + body


def new_format(body: bytes) -> bytes:
    size = len(body) - 192
    return b"\xc2" + bytes([(size >> 8) + 192, size & 255]) + body


@pytest.mark.parametrize(
    ("name", "armoured", "key"),
    [
        ("ssh", armour("SSH", SSH), FINGERPRINT),
        ("ssh, cut off", armour("SSH", SSH[:40]), ""),
        ("ssh, wrong magic", armour("SSH", b"X" + SSH[1:]), ""),
        ("pgp, issuer unhashed", armour("PGP", old_format(pgp_body(b"", ISSUER))), "0123456789ABCDEF"),
        ("pgp, new format", armour("PGP", new_format(pgp_body(b"", ISSUER))), "0123456789ABCDEF"),
        ("pgp, fingerprint", armour("PGP", old_format(pgp_body(ISSUER_FINGERPRINT, ISSUER))), "FEDCBA9876543210"),
        ("pgp, headers", armour("PGP", old_format(pgp_body(b"", ISSUER)), "Version: 1\n\n=abcd"), "0123456789ABCDEF"),
        ("pgp, no issuer", armour("PGP", old_format(pgp_body(b"", b""))), ""),
        ("pgp, a key and no signature", armour("PGP", b"\x99" + b"\x00\x05" + b"\x04" * 5), ""),
        ("x509", "-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----", ""),
        ("empty", "", ""),
        ("no base64", armour("SSH", b"").replace("END", "!!\nEND"), ""),
    ],
)  # fmt: skip
def test_the_key_is_read_out_of_the_signature(name: str, armoured: str, key: str) -> None:
    assert signing_key(armoured) == key, name


@given(st.sampled_from(["SSH", "PGP"]), st.binary(max_size=200), st.booleans())
def test_no_bytes_raise(kind: str, packet: bytes, real_start: bool) -> None:
    start = SSH[:14] if kind == "SSH" else b"\xc2\x50\x04\x00\x01\x08"
    assert isinstance(signing_key(armour(kind, start + packet if real_start else packet)), str)


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    assert isinstance(signing_key("-----BEGIN PGP SIGNATURE-----\n" + text), str)
