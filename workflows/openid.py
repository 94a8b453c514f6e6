"""Speaking with a provider of OpenID Connect: where to send a browser, and what its answer is worth once it was verified.

The ID token counts after signature (by the provider's published keys), issuer, audience, time and nonce were checked. Only this
module knows the libraries for it; `workflows.single_sign_on` loads it when it is needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workflows.single_sign_on import Provider, ProviderFailed, texts

#: how far the provider's clock may be off, in seconds
_LEEWAY: Final = 60
#: signatures that only the provider can make; none that its clients could make too
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
_TIMEOUT: Final = 10
_NEAR: Final = ("127.0.0.1", "::1", "localhost")


def sign_in_address(provider: Provider, state: str, nonce: str, verifier: str) -> str:
    """Where the browser goes to sign in. ProviderFailed."""
    url, _ = _client(provider).create_authorization_url(
        _metadata(provider)["authorization_endpoint"],
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return str(url)


def claims(provider: Provider, code: str, kept: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The verified claims of the ID token that the code was worth. ProviderFailed."""
    found = _metadata(provider)
    try:
        token = _client(provider).fetch_token(
            found["token_endpoint"], code=code, code_verifier=kept["verifier"], timeout=_TIMEOUT, allow_redirects=False
        )
        keys = KeySet.import_key_set(_fetched(found["jwks_uri"]))
        decoded = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS)
        _check(decoded.claims, provider, str(kept["nonce"]), int(now.timestamp()))
    except ProviderFailed:
        raise
    except (JoseError, requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise ProviderFailed(why=type(error).__name__) from error
    except Exception as error:  # the library's own errors have no family: whatever it is, nobody is let in
        raise ProviderFailed(why="token") from error
    return dict(decoded.claims)


def _check(claims: Mapping[str, Any], provider: Provider, nonce: str, now: int) -> None:
    """OpenID Connect Core 3.1.3.7."""
    rules = jwt.JWTClaimsRegistry(
        now=now,
        leeway=_LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    rules.validate(dict(claims))
    several = len(texts(claims["aud"])) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise ProviderFailed(why="azp")


def _metadata(provider: Provider) -> dict[str, str]:
    found = _fetched(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ProviderFailed(why="issuer")
    ends = {name: str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for address in ends.values():
        _safe(address)
    return ends


def _fetched(address: str) -> Any:
    _safe(address)
    try:
        answer = requests.get(address, timeout=_TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        return json.loads(answer.content)
    except (requests.RequestException, ValueError) as error:
        raise ProviderFailed(why="unreachable") from error


def _safe(address: str) -> None:
    """ProviderFailed for an address that others on the way could read, except on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _NEAR):
        raise ProviderFailed(why="https")


def _client(provider: Provider) -> Any:
    return OAuth2Session(provider.client_id, provider.client_secret, scope="openid", redirect_uri=provider.redirect_uri)
