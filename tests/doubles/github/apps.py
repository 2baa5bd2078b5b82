"""The GitHub App that the double knows: its key, and whether a token that says so is really signed by it."""

import functools
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class App:
    """One app, installed for every owner."""

    id = 4711
    installation_id = 815

    def __init__(self, slug: str) -> None:
        self.slug = slug

    @property
    def private_key(self) -> str:
        """PEM, as GitHub gives it to the app's owner."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = _key()
        return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def problem(self, token: str) -> str | None:
        """Why a JWT does not prove to be this app; None when it does."""
        import jwt

        try:
            claims = jwt.decode(token, _key().public_key(), algorithms=["RS256"], options={"verify_iat": False})
        except jwt.ExpiredSignatureError:
            return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
        except jwt.PyJWTError:
            return "A JSON web token could not be decoded"
        if str(claims.get("iss")) != str(self.id):
            return "Integration not found"
        if claims["exp"] - time.time() > 630:
            return "'Expiration time' claim ('exp') is too far in the future"
        return None


@functools.cache
def _key() -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
