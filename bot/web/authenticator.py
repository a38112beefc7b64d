"""What an authenticator is asked, and whether its answer proves that the person behind a passkey was there.

https://www.w3.org/TR/webauthn-3/#sctn-rp-operations
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.passkeys import Passkey
from bot.web.ports import Visitor

# Longer than anybody looks for a key; the challenge itself ends earlier on our side.
TIMEOUT_MILLISECONDS = 300_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A new credential as its authenticator told it; both texts are base64url."""

    credential: str
    public_key: str
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    passkey: Passkey
    sign_count: int


class Authenticator:
    """`host` is the one that passkeys belong to, "" where there are none; `origin` that of our pages."""

    def __init__(self, host: str, origin: str) -> None:
        self._host = host
        self._origin = origin

    @property
    def is_offered(self) -> bool:
        """Whether browsers give passkeys to our pages at all."""
        return bool(self._host)

    def creation(self, challenge: bytes, visitor: Visitor, known: Sequence[Passkey]) -> str:
        """What `navigator.credentials.create` is given, as JSON."""
        options = generate_registration_options(
            rp_id=self._host,
            rp_name="Countersign",
            user_id=_handle(visitor.id),
            user_name=visitor.login,
            challenge=challenge,
            timeout=TIMEOUT_MILLISECONDS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json(options)

    def assertion(self, challenge: bytes, known: Sequence[Passkey]) -> str:
        """What `navigator.credentials.get` is given, as JSON."""
        options = generate_authentication_options(
            rp_id=self._host,
            challenge=challenge,
            timeout=TIMEOUT_MILLISECONDS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def registered(self, answer: str, challenge: bytes) -> Registered | None:
        """The new credential; None when the answer is not to this challenge or the person was not verified."""
        try:
            told = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes do to a parser, they prove nothing
            log.warning("registration refused", error=type(error).__name__)
            return None
        return Registered(
            credential=bytes_to_base64url(told.credential_id),
            public_key=bytes_to_base64url(told.credential_public_key),
            sign_count=told.sign_count,
        )

    def proven(self, answer: str, challenge: bytes, known: Sequence[Passkey], account: int) -> Proof | None:
        """Which of the account's passkeys signed the challenge, the person verified and its counter ahead; or None."""
        try:
            given = parse_authentication_credential_json(answer)
            passkey = next((one for one in known if one.credential == given.id), None)
            handle = given.response.user_handle
            if passkey is None or (handle and not hmac.compare_digest(handle, _handle(account))):
                log.warning("passkey refused", error="not one of this account's that count")
                return None
            told = verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("passkey refused", error=type(error).__name__)
            return None
        return Proof(passkey=passkey, sign_count=told.new_sign_count)


def _handle(account: int) -> bytes:
    """The account as authenticators keep it: the same for all its passkeys, and no personal data.

    https://www.w3.org/TR/webauthn-3/#sctn-user-handle-privacy
    """
    return hashlib.sha256(f"countersign account {account}".encode()).digest()


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in known]
