"""A signing key of the double's own, for identity tokens (RS256, RFC 7519) and their public key set."""

import base64
import json
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from entrypoints.gmail_double.wire import Json

KEY_ID = "double-1"


class Signer:
    """Makes its key on first use, because most runs never need one."""

    @cached_property
    def _key(self) -> RSAPrivateKey:
        return generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims: Json) -> str:
        """The claims as a compact JWT."""
        header = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}
        signed = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
        return f"{signed}.{_encoded(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def key_set(self) -> Json:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        public = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": KEY_ID,
            "n": _encoded(public.n.to_bytes(256, "big")),
            "e": _encoded(public.e.to_bytes(3, "big")),
        }
        return {"keys": [key]}

    def pem_keys(self) -> Json:
        """The public key by its id in PEM, the older form of Google's key sets."""
        public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {KEY_ID: public.decode()}


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
