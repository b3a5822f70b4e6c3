"""What is accepted as a password, and how it is hashed."""

import asyncio

import pytest

from domain.accounts import passwords
from domain.errors import RuleError


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-11-ch", "password_too_short"),
        ("", "password_too_short"),
        ("Password1234", "password_too_common"),
        ("QWERTYUIOP12", "password_too_common"),
        ("aaaaaaaaaaaaaaaa", "password_too_common"),
        ("abababababababab", "password_too_common"),
        ("Suzuki@Meguro", "password_holds_login"),
        ("my-suzuki@meguro-1", "password_holds_login"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        passwords.refuse_weak(password, "suzuki@meguro")
    assert refused.value.code == code
    assert refused.value.faults[0].pointer == "/password"
    assert password not in str(refused.value.args) or not password


@pytest.mark.parametrize("password", ["twelve chars", "みかんとりんごとなしとぶどう", "correct horse battery staple"])
def test_length_is_enough_and_no_composition_is_asked_for(password: str) -> None:
    passwords.refuse_weak(password, "suzuki@meguro")


def test_a_login_of_two_letters_may_occur_in_a_password() -> None:
    passwords.refuse_weak("the banana boat", "an")


async def test_a_hash_is_argon2id_with_64_mib_and_three_passes_and_is_right_for_one_password() -> None:
    made = await passwords.hashed("ガード下の居酒屋さん")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert await passwords.is_right("ガード下の居酒屋さん", made)
    assert not await passwords.is_right("ガード下の居酒屋", made)


async def test_the_same_characters_typed_decomposed_are_the_same_password() -> None:
    made = await passwords.hashed("ガード下の居酒屋さん")
    assert await passwords.is_right("カ\u3099ート\u3099下の居酒屋さん", made)


async def test_nobody_has_the_password_of_the_hash_that_stands_in() -> None:
    assert not passwords.HASHER.check_needs_rehash(passwords.NO_PASSWORD), "it must cost what a real one costs"
    assert not await passwords.is_right("correct horse battery", None), "not even who made it"


async def test_too_many_waiting_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords.HASHER, "verify", lambda _password, _kept: False)
    many = [passwords.is_right("x", None) for _ in range(passwords.MOST_WAITING + 5)]
    found = await asyncio.gather(*many, return_exceptions=True)
    refused = [f for f in found if isinstance(f, passwords.UnavailableError)]
    assert len(refused) == 5
    assert not await passwords.is_right("x", None), "the line is free again"
