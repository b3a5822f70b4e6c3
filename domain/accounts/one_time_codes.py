"""One-time codes (ワンタイムコード): the six digits of an authenticator app. Source: RFC 6238."""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
ISSUER = "kikan"
_DIGITS = 6
_DRIFT = (0, -1, 1)


def new_secret() -> str:
    """Make a secret of 160 bits in base32."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """Give the ``otpauth://`` address that an authenticator app reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Give the time step that a code is the right one for, or None.

    One step to either side is accepted, for clocks that drift. Whoever accepts a code keeps its step and accepts no
    code of that or an earlier step again.
    """
    if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    found = None
    for drift in _DRIFT:
        if hmac.compare_digest(generator.generate_otp(current + drift), code):
            found = current + drift
    return found
