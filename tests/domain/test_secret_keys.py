"""Keys that keep secrets sealed: what they open, and what they never do."""

import base64
import stat
from pathlib import Path

import pytest

from api.keys import secret_keys
from domain.accounts.secret_keys import SecretKeys
from domain.settings import Settings, UnsafeSettingsError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OWNER = "0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11"


def keys(*texts: str) -> SecretKeys:
    return SecretKeys.from_text(",".join(texts))


def test_what_is_sealed_opens_again_and_never_looks_the_same_twice() -> None:
    made = keys(SecretKeys.generate())
    sealed = {made.sealed(SECRET, OWNER) for _ in range(50)}
    assert len(sealed) == 50
    assert {made.opened(one, OWNER) for one in sealed} == {SECRET}
    assert max(map(len, sealed)) <= 100, "the column holds 100 characters"


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, new = SecretKeys.generate(), SecretKeys.generate()
    by_old = keys(old).sealed(SECRET, OWNER)
    both = keys(new, old)
    assert both.opened(by_old, OWNER) == SECRET
    renewed = both.renewed(by_old, SECRET, OWNER)
    assert (keys(new).opened(renewed, OWNER), keys(old).opened(renewed, OWNER)) == (SECRET, None)
    assert both.renewed(renewed, SECRET, OWNER) == renewed
    assert keys(new).opened(by_old, OWNER) is None


def test_a_changed_text_does_not_open() -> None:
    made = keys(SecretKeys.generate())
    sealed = made.sealed(SECRET, OWNER)
    key_id, _, coded = sealed.partition(".")
    raw = base64.urlsafe_b64decode(coded)
    for place in range(len(raw)):
        turned = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert made.opened(f"{key_id}.{base64.urlsafe_b64encode(turned).decode()}", OWNER) is None, place
    for text in (
        "",
        ".",
        key_id,
        f"{key_id}.",
        f"{key_id}.AAAA",
        f"{key_id}.é",
        SECRET,
        sealed[:-4],
        f"00000000.{coded}",
    ):
        assert made.opened(text, OWNER) is None, text
    assert made.opened(sealed, OWNER[:-1] + "2") is None


def test_either_alphabet_of_base64_is_read_and_spaces_do_not_matter() -> None:
    raw = bytes(range(224, 256))
    plain, for_addresses = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    assert plain != for_addresses
    sealed = keys(plain).sealed(SECRET, OWNER)
    assert SecretKeys.from_text(f" {for_addresses} ,\n{SecretKeys.generate()}\n").opened(sealed, OWNER) == SECRET


@pytest.mark.parametrize(
    "text",
    ["", ",", "secret", base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(33)).decode(), "é" * 44],
    ids=["nothing", "comma", "word", "short", "long", "not ascii"],
)
def test_what_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes in base64") as refused:
        SecretKeys.from_text(f"{SecretKeys.generate()},{text}")
    assert len(text) < 10 or text not in str(refused.value)


def test_a_key_named_twice_is_refused() -> None:
    key = SecretKeys.generate()
    with pytest.raises(ValueError, match="twice"):
        keys(key, key)


def test_keys_do_not_show_themselves() -> None:
    key = SecretKeys.generate()
    assert key not in repr(keys(key))
    assert key not in repr(Settings.model_validate({"secret_keys": key}))


def test_development_makes_its_own_key_once_and_for_itself_alone(tmp_path: Path) -> None:
    settings = Settings.model_validate({"var": tmp_path / "var"})
    first = secret_keys(settings)
    file = tmp_path / "var" / "secret_keys"
    assert [one.name for one in file.parent.iterdir()] == ["secret_keys"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret_keys(settings).opened(first.sealed(SECRET, OWNER), OWNER) == SECRET


def test_a_configured_key_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    settings = Settings.model_validate({"var": tmp_path, "secret_keys": "not-a-key"})
    with pytest.raises(UnsafeSettingsError, match="KIKAN_SECRET_KEYS") as refused:
        secret_keys(settings)
    assert "not-a-key" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
