"""Access tokens are JWTs, signed with a key that the vendor publishes (docs/vendors/lightspeed-r-series.md, tokens)."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KEY_ID = "RT_OAUTH2_2024_07_08"
ISSUER = "https://cloud.lightspeedapp.com"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def mint(*, client_id: str, account_id: str, scope: str, issued: datetime, expires: datetime) -> str:
    """An access token; its instants are floats, as the vendor's are."""
    claims = {
        "jti": secrets.token_hex(16),
        "iss": ISSUER,
        "aud": client_id,
        "sub": "1",
        "acct": account_id,
        "scope": scope,
        "iat": issued.timestamp(),
        "nbf": issued.timestamp(),
        "exp": expires.timestamp(),
    }
    return jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": KEY_ID})


def key_set() -> dict[str, list[dict[str, Any]]]:
    """``GET /.well-known/jwks``."""
    public = RSAAlgorithm.to_jwk(_key().public_key(), as_dict=True)
    return {"keys": [{**public, "alg": "RS256", "use": "sig", "kid": KEY_ID}]}
