"""Counters of sign-ins: tries of one account or one address in one window of time.

A try is counted, and the count committed, before any password is hashed, so that neither a crash nor many requests at
once give tries away. A window ends by itself: nobody is ever locked out for good.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import col

from domain.credentials import SignInCounter
from domain.database import Session
from domain.errors import TooManyRequestsError
from domain.statements import add_to, change, within_credentials
from domain.statements.columns import Big
from domain.steps import Steps

ACCOUNT_TRIES = 5
ACCOUNT_SECONDS = 15 * 60
ADDRESS_SECONDS = 60
_KEPT = timedelta(days=1)
_IPV6_SITE = 64

_COUNT = add_to(SignInCounter, "tries")
_TRIES = within_credentials(
    select(col(SignInCounter.tries)).where(
        col(SignInCounter.subject) == bindparam("subject", required=True),
        col(SignInCounter.window_start) == bindparam("window_start", type_=Big(), required=True),
    )
)
_GIVE_BACK = change(
    update(SignInCounter)
    .where(
        col(SignInCounter.subject) == bindparam("row_subject", required=True),
        col(SignInCounter.window_start) == bindparam("row_window_start", type_=Big(), required=True),
        col(SignInCounter.tries) > 0,
    )
    .values(tries=col(SignInCounter.tries) - 1)
)
_FORGET = change(
    delete(SignInCounter).where(col(SignInCounter.window_start) < bindparam("until", type_=Big(), required=True))
)


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: ``most`` tries of a subject in windows of ``seconds``."""

    subject: str
    most: int
    seconds: int

    def window_at(self, now: datetime) -> int:
        """Give the window an instant lies in, by its first second."""
        moment = int(now.timestamp())
        return moment - moment % self.seconds


def of_account(login: str) -> Counter:
    """Count the sign-ins of a login. It is kept as a hash: people also type their password there."""
    return Counter(f"account:{sha256(login.encode()).hexdigest()}", ACCOUNT_TRIES, ACCOUNT_SECONDS)


def of_proof(user_id: str) -> Counter:
    """Count how often a signed-in user is asked for the password or a code again."""
    return Counter(f"proof:{user_id}", ACCOUNT_TRIES, ACCOUNT_SECONDS)


def of_address(address: str, most: int) -> Counter:
    """Count the sign-ins from a network address; of IPv6 from its /64, which one site has for itself."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return Counter("address:unknown", most, ADDRESS_SECONDS)
    if known.version == 6:
        mapped = known.ipv4_mapped
        known = mapped or ipaddress.ip_network((int(known), _IPV6_SITE), strict=False).network_address
    return Counter(f"address:{known}", most, ADDRESS_SECONDS)


def of_client(client_id: str, most: int) -> Counter:
    """Count the sign-ins of a machine client."""
    return Counter(f"client:{sha256(client_id.encode()).hexdigest()}", most, ADDRESS_SECONDS)


async def count_try(steps: Steps, *counters: Counter) -> None:
    """Count one try on each counter, in the order given, up to the first that is full.

    The order is the same everywhere (address, then account), so that two requests never wait for each other.

    Raises:
        TooManyRequestsError: one is full; says when its window ends.
    """
    async with steps.write() as session:
        wait = await _counted(session, counters)
    if wait is not None:
        raise TooManyRequestsError(wait)


async def _counted(session: Session, counters: tuple[Counter, ...]) -> int | None:
    for counter in counters:
        start = counter.window_at(session.now)
        await session.run(_COUNT, subject=counter.subject, window_start=start, tries=1)
        tries = (await session.one(_TRIES, subject=counter.subject, window_start=start))["tries"]
        if tries == 1:
            await session.run(_FORGET, until=int((session.now - _KEPT).timestamp()))
        if tries > counter.most:
            return max(1, start + counter.seconds - int(session.now.timestamp()))
    return None


async def give_back(session: Session, counter: Counter) -> None:
    """Take one try back: it was the right password, and only wrong ones shall add up."""
    start = counter.window_at(session.now)
    await session.run(_GIVE_BACK, row_subject=counter.subject, row_window_start=start)
