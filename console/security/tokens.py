"""Session tokens: random, opaque; the server keeps only a digest of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    """256 random bits for the cookie."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is kept of a token (SHA-256); a token is random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_value(token: str) -> str:
    """The value that a page of ours must send along; it cannot be told without the cookie."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_value(given: str, token: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), csrf_value(token).encode())
