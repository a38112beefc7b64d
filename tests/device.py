"""An authenticator in software: real keys and signatures, and flags and counters that a test can bend."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

# https://www.w3.org/TR/webauthn-3/#authdata-flags
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Device:
    """One credential. `verifies` is whether it asks for a PIN or a finger; `counter` is what it says next."""

    origin: str = "https://gate.example"
    verifies: bool = True
    counter: int = 1
    handle: str | None = None
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str, **bent: Any) -> str:
        """The answer to what `navigator.credentials.create` is given. `bent` replaces fields of the client's data."""
        given = json.loads(options)
        self.handle = given["user"]["id"]
        point = self.key.public_key().public_numbers()
        # https://www.rfc-editor.org/rfc/rfc9053#section-7.1.1
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        data = self._data(given["rp"]["id"], ATTESTED) + attested
        response = {
            "clientDataJSON": text(self._client("webauthn.create", given["challenge"], **bent)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(response)

    def get(self, options: str, **bent: Any) -> str:
        """The answer to what `navigator.credentials.get` is given."""
        given = json.loads(options)
        client = self._client("webauthn.get", given["challenge"], **bent)
        data = self._data(given["rpId"], 0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": self.handle,
        }
        return self._answer(response)

    def _client(self, kind: str, challenge: str, /, **bent: Any) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **bent}
        return json.dumps(told).encode()

    def _data(self, host: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        counter, self.counter = self.counter, self.counter + 1 if self.counter else 0
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        name = text(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
