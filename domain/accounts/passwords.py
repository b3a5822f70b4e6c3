"""Passwords (パスワード): what is accepted as one, and hashing with argon2id.

A hash takes 64 MiB and three passes on purpose. A worker therefore hashes one password at a time, in a thread of its
own, so that many sign-ins at once can take neither its memory nor its event loop.
Source: RFC 9106 (memory and passes), NIST SP 800-63B section 3.1.1 (length, no rules of composition, a block list).
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import RuleError, UnavailableError, rule_broken

LEAST = 12
MOST = 200
_LEAST_DIFFERENT = 5
_SHORTEST_TELLING_LOGIN = 4
MOST_WAITING = 30

HASHER = Argon2Hasher(time_cost=3, memory_cost=65536, parallelism=1)
NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=1$cbGktNwnd9wkwYR7NWn5UA$w5gsL6mNGPkAPf9xLpoAsHpKFsnJlTepNeMChcq13/Q"  # noqa: S105
"""A hash that stands in where there is no account or no password, so that the answer takes as long."""

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="password")
_waiting = 0

_GUESSED = """
    administrator administrator1 adminadminadmin adminpassword admin1234567 changeme1234 changemechangeme
    letmeinletmein welcome12345 welcomewelcome password1234 password12345 password123456 passwordpassword
    passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 newpassword123 qwertyuiop12 qwertyuiop123 qwerty123456
    qwertyqwerty qwertyuiopas qwertyuiopasdf asdfghjkl123 asdfghjklzxc zxcvbnm12345 1q2w3e4r5t6y 1qaz2wsx3edc
    1qazxsw23edc q1w2e3r4t5y6 zaq12wsxcde3 123456789012 1234567890123 1234567890abc 012345678901 123456123456
    123412341234 987654321098 abcdefghijkl abcdefg12345 abcd12345678 abc123456789 abcdef123456 a1b2c3d4e5f6
    iloveyou1234 iloveyouiloveyou sakurasakura sakura123456 doraemon1234 fukushi12345 fukushifukushi
    shougaifukushi soudanshien123 soudanshien1 kikancenter1 kikansoudan123 kuyakusho123 shiyakusho123 nihonnihon12
    tokyotokyo12 tokyo2020tokyo test12345678 testtesttest testpassword guest1234567 kikankikan12 konnichiwa123
    arigatou1234 himitsu12345 passwordkikan welcome2024! welcome2025! welcome2026! spring2025!! password2024
    password2025 password2026 password2024! password2025! password2026!
"""
COMMON = frozenset(_GUESSED.split())
"""Passwords of twelve and more characters that guessers try first, in lower case."""


def refuse_weak(password: str, login: str, *, field: str = "password") -> None:
    """Refuse a new password that is too easy to guess.

    Raises:
        RuleError: shorter than 12 characters, among the common ones, of too few different characters, or holding the
            login; names ``field``.
    """
    plain = _plain(password).casefold()
    if len(plain) < LEAST:
        raise _weak(
            "password_too_short",
            f"パスワードは{LEAST}文字以上にしてください。",
            f"A password needs {LEAST} characters or more.",
            field,
        )
    if plain in COMMON or len(set(plain)) < _LEAST_DIFFERENT:
        raise _weak(
            "password_too_common",
            "よく使われるか、単純すぎるパスワードです。別のものにしてください。",
            "This password is common or too simple. Choose another.",
            field,
        )
    name = login.casefold()
    if plain == name or (len(name) >= _SHORTEST_TELLING_LOGIN and name in plain):
        raise _weak(
            "password_holds_login",
            "パスワードにログイン名を入れないでください。",
            "The password must not hold the login.",
            field,
        )


def _weak(code: str, ja: str, en: str, field: str) -> RuleError:
    return rule_broken(code, ja, en, field=field)


async def hashed(password: str) -> str:
    """Hash a password, in the line of this worker.

    Raises:
        UnavailableError: too many wait already.
    """
    return str(await _in_line(HASHER.hash, _plain(password)))


async def is_right(password: str, kept: str | None) -> bool:
    """Tell whether a password belongs to a hash; takes as long where there is none.

    Raises:
        UnavailableError: too many wait already.
    """
    found = await _in_line(HASHER.verify, _plain(password), kept or NO_PASSWORD)
    return bool(found) and kept is not None


async def _in_line(work: object, *values: str) -> object:
    global _waiting  # noqa: PLW0603 - one line for the whole process is the point
    if _waiting >= MOST_WAITING:
        raise UnavailableError(5)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_THREAD, work, *values)  # type: ignore[arg-type]
    finally:
        _waiting -= 1


def _plain(password: str) -> str:
    """Write a password in one form: the same characters from another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)
