"""Promise 3 (reliability): of more than ten thousand attack tokens none is accepted and none crashes the verifier.

With KIKAN_PROVE=1 the two comparisons, with joserfc and with a lax verifier, run over every attack instead of a sample
of each kind.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwt as lax_jwt
from jose.exceptions import JOSEError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from api import tokens
from api.token_keys import SigningKeys
from api.tokens import TokenError, TokenModule
from tests.proofs.token_attacks import (
    BEARER,
    BEFORE,
    CLAIMS,
    DER,
    HEADER,
    KEYS,
    NOW,
    ORDER,
    PEM,
    SPKI,
    Attack,
    attacks,
    es256,
    made,
    module,
)

SAMPLE_OF_EACH_KIND = sys.maxsize if os.environ.get("KIKAN_PROVE") == "1" else 90

# Kinds that joserfc, used as its documentation shows, accepts and we refuse on purpose.
STRICTER_THAN_JOSERFC = {
    "claim empty",
    "claim twice",
    "claim unknown",
    "ends as it begins",
    "ends before it begins",
    "for somebody else",
    "header, our key",
    "high s",
    "lives too long",
    "no object",
    "number of a wrong type",
    "text of a wrong type",
    "too long",
}


def is_accepted(verifier: TokenModule, token: str) -> bool:
    try:
        verifier.verify(token, NOW)
    except TokenError:
        return False
    return True


def kinds_accepted(verifier: TokenModule, tried: tuple[Attack, ...]) -> Counter[str]:
    return Counter(kind for kind, token in tried if is_accepted(verifier, token))


@cache
def sample() -> tuple[Attack, ...]:
    of_kind: dict[str, list[Attack]] = {}
    for attack in attacks():
        of_kind.setdefault(attack.kind, []).append(attack)
    return tuple(attack for some in of_kind.values() for attack in some[:: len(some) // SAMPLE_OF_EACH_KIND + 1])


def test_ten_thousand_attack_tokens_are_refused_without_a_crash() -> None:
    assert len(attacks()) >= 10_000
    assert kinds_accepted(module(), attacks()) == {}


def test_what_every_attack_was_made_from_is_accepted() -> None:
    assert is_accepted(module(), made(HEADER, CLAIMS))
    assert is_accepted(module(), made({**HEADER, "kid": list(KEYS.public_keys())[1]}, CLAIMS, es256(BEFORE)))


def test_every_refusal_is_the_same_and_says_nothing() -> None:
    verifier = module()
    for _, token in sample():
        with pytest.raises(TokenError) as refusal:
            verifier.verify(token, NOW)
        assert (type(refusal.value), refusal.value.args) == (TokenError, ())
        assert refusal.value.__cause__ is None
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_what_is_no_text_at_all_is_refused() -> None:
    class Disguise(str):
        __slots__ = ()

    for thing in (None, 0, b"a.b.c", [], {}, Disguise(made(HEADER, CLAIMS))):
        with pytest.raises(TokenError):
            module().verify(thing, NOW)  # type: ignore[arg-type]  # that is the attack


def test_a_lax_verifier_accepts_and_crashes_on_the_same_attacks() -> None:
    def verdict(token: str, key: object) -> str:
        try:
            lax_jwt.decode(token, key, audience=CLAIMS["aud"])
        except JOSEError:
            return "refused"
        except (ValueError, TypeError, OverflowError, RecursionError) as crash:
            return type(crash).__name__
        return "accepted"

    with_pem = Counter((verdict(token, PEM.decode()), kind) for kind, token in sample())
    accepted = {kind for verdict, kind in with_pem if verdict == "accepted"}
    assert accepted >= {
        "claim empty", "claim missing", "claim twice", "claim unknown", "header, our key", "high s", "lives too long",
        "padded", "run out", "runs out now", "spare bits set", "spare bits set, signed so", "text of a wrong type",
        "too long",
    }  # fmt: skip
    assert {verdict for verdict, _ in with_pem} >= {"TypeError", "OverflowError", "RecursionError"}
    assert {kind for kind, token in attacks() if "HMAC DER" in kind and verdict(token, DER) == "accepted"}


@pytest.mark.parametrize(
    ("rule", "planted", "accepted"),
    [
        ("_HIGHEST_S", ORDER, {"high s"}),
        ("_is_canonical", lambda _: True, {"flipped bit at the end", "spare bits set", "spare bits set, signed so"}),
        ("LONGEST_LIFETIME_SECONDS", 601, {"lives too long"}),
        ("SKEW_SECONDS", 31, {"from the future"}),
        ("_NUMBER_CLAIMS", ("iat", "exp"), {"number of a wrong type"}),
        ("_PAYLOAD", json.JSONDecoder(), {"claim twice"}),
    ],
)
def test_without_one_rule_its_attacks_and_no_others_come_through(
    monkeypatch: pytest.MonkeyPatch, rule: str, planted: object, accepted: set[str]
) -> None:
    monkeypatch.setattr(tokens, rule, planted)
    assert set(kinds_accepted(module(), sample())) == accepted


@cache
def joserfc_keys() -> KeySet:
    public = {kid: key.public_bytes(Encoding.PEM, SPKI).decode() for kid, key in KEYS.public_keys().items()}
    return KeySet([ECKey.import_key(pem, {"kid": kid}) for kid, pem in public.items()])


def is_accepted_by_joserfc(token: str, now: int) -> bool:
    required = {name: {"essential": True, "allow_blank": True} for name in CLAIMS}
    required |= {name: {"essential": True, "value": CLAIMS[name]} for name in ("iss", "aud")}
    try:
        decoded = jwt.decode(token, joserfc_keys(), algorithms=["ES256"])
        jwt.JWTClaimsRegistry(now=now, leeway=tokens.SKEW_SECONDS, **required).validate(decoded.claims)
        jwt.JWTClaimsRegistry(now=now, exp={"essential": True}).validate({"exp": decoded.claims["exp"]})
    except (JoseError, UnicodeError, RecursionError):
        return False
    return decoded.header.get("typ") == "at+jwt"


def test_joserfc_refuses_the_same_attacks_but_for_the_rules_in_which_we_are_stricter() -> None:
    assert {kind for kind, token in sample() if is_accepted_by_joserfc(token, NOW)} == STRICTER_THAN_JOSERFC


def test_joserfc_agrees_on_tokens_of_either_maker_at_any_time() -> None:
    dice = random.Random(8)
    signer = ECKey.import_key(KEYS.to_pem()[0], {"kid": KEYS.kid})
    verdicts: Counter[bool] = Counter()
    for number in range(200):
        issued = NOW + dice.choice((-601, -600, -599, 0, 29, 30, 31, dice.randrange(-900, 300)))
        bearer = {**BEARER, "ver": number, "scope": " ".join(["visits:read"] * dice.randrange(9)), "jti": f"{number}"}
        ours = module().sign(**bearer, now=issued)
        theirs = jwt.encode(HEADER, {**CLAIMS, **bearer, "iat": issued, "exp": issued + 600}, signer, default_type=None)
        head, payload, signature = theirs.split(".")
        for token in (ours, f"{head}.{payload}.{low(signature)}"):
            verdict = is_accepted(module(), token)
            assert verdict is is_accepted_by_joserfc(token, NOW)
            verdicts[verdict] += 1
        decoded = jwt.decode(ours, joserfc_keys(), algorithms=["ES256"])
        assert {**CLAIMS, **bearer, "iat": issued, "exp": issued + 600} == decoded.claims
    assert min(verdicts.values()) > 50


def low(signature: str) -> str:
    return tokens._with_low_s(f".{signature}")[1:]


def test_a_remembered_token_gets_the_verdict_of_a_new_one_at_every_second() -> None:
    token = module().sign(**BEARER, now=NOW)
    remembering = module()
    seconds = [*range(NOW - 32, NOW - 28), NOW, *range(NOW + 598, NOW + 602), NOW - 31, NOW, NOW + 600, NOW + 1]

    def verdict(verifier: TokenModule, now: int) -> object:
        try:
            return verifier.verify(token, now)
        except TokenError:
            return None

    assert [verdict(remembering, now) for now in seconds] == [verdict(module(), now) for now in seconds]


def test_a_refusal_is_never_remembered_and_a_token_that_ran_out_is_forgotten() -> None:
    verifier = module()
    assert kinds_accepted(verifier, sample()) == {}
    assert verifier._verified == {}
    early = verifier.sign(**BEARER, now=NOW + 31)
    assert not is_accepted(verifier, early)
    assert verifier.verify(early, NOW + 1).iat == NOW + 31
    assert list(verifier._verified) == [early]
    with pytest.raises(TokenError):
        verifier.verify(early, NOW + 631)
    assert verifier._verified == {}


def test_the_oldest_of_too_many_remembered_tokens_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CACHED_TOKENS", 3)
    verifier = module()
    signed = [verifier.sign(**{**BEARER, "ver": number}, now=NOW) for number in range(5)]
    assert [verifier.verify(token, NOW).ver for token in signed] == [0, 1, 2, 3, 4]
    assert list(verifier._verified) == signed[2:]
    assert verifier.verify(signed[0], NOW).ver == 0


def test_after_a_rotation_tokens_of_the_key_before_hold_and_of_the_one_before_that_do_not() -> None:
    keys = [SigningKeys.generate()]
    keys += [keys[0].rotated()]
    keys += [keys[1].rotated()]
    signed = [TokenModule(each, CLAIMS["iss"], CLAIMS["aud"]).sign(**BEARER, now=NOW) for each in keys]
    newest = TokenModule(keys[2], CLAIMS["iss"], CLAIMS["aud"])
    assert [is_accepted(newest, token) for token in signed] == [False, True, True]


def test_keys_survive_their_pem_and_are_called_by_their_thumbprint() -> None:
    again = SigningKeys.from_pem(*KEYS.to_pem())
    assert again.public_set() == KEYS.public_set()
    private = BEFORE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert SigningKeys.from_pem(KEYS.to_pem()[0], private).public_set() == KEYS.public_set()
    for member in KEYS.public_set()["keys"]:
        assert set(member) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
        assert ECKey.import_key(member).thumbprint().startswith(member["kid"])
        assert len(member["kid"]) == 16
    assert KEYS.kid == KEYS.public_set()["keys"][0]["kid"]
    assert "0x" not in repr(KEYS)


def test_keys_that_cannot_sign_our_tokens_are_refused_without_showing_them() -> None:
    def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    ours, _ = KEYS.to_pem()
    wide = pem(ec.derive_private_key(5, ec.SECP384R1()))
    for current, previous in (
        ("", None), ("secret", None), (PEM.decode(), None), (ours[:80], None), (wide, None), (ours, "secret"),
        (ours, wide), (pem(rsa.generate_private_key(65537, 2048)), None), (ours, ours), (ours, PEM.decode()),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="signing key") as refusal:
            SigningKeys.from_pem(current, previous)
        assert "secret" not in str(refusal.value)
        assert "BEGIN" not in str(refusal.value)


def test_nothing_is_signed_that_would_not_be_accepted() -> None:
    most = {**dict.fromkeys(BEARER, "x" * 64), "scope": "x" * 1024, "ver": 2**53 - 1}
    widest = TokenModule(KEYS, "i" * 255, "a" * 255)
    assert widest.verify(widest.sign(**most, now=NOW), NOW).scope == "x" * 1024
    for name, value in (("sub", ""), ("sub", "x" * 65), ("role", "区"), ("ver", True), ("ver", -1), ("scope", None)):
        with pytest.raises(ValueError, match="claim"):
            module().sign(**{**BEARER, name: value}, now=NOW)
    for seconds in (0, -1, 601):
        with pytest.raises(ValueError, match="lives"):
            TokenModule(KEYS, "i", "a", seconds)


def test_tokens_work_without_the_packages_the_image_leaves_out() -> None:
    program = (
        "import sys\n"
        "for name in ('ecdsa', 'rsa', 'pyasn1'): sys.modules[name] = None\n"
        "from api.tokens import TokenModule\n"
        "from api.token_keys import SigningKeys\n"
        "module = TokenModule(SigningKeys.generate(), 'i', 'a')\n"
        "names = ('sub', 'jti', 'sid', 'client_id', 'assignment_id', 'role', 'place', 'scope')\n"
        "token = module.sign(**dict.fromkeys(names, 'x'), ver=1, now=1)\n"
        "assert module.verify(token, 1).place == 'x'\n"
    )
    root = Path(tokens.__file__).parents[1]
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=root, check=True)
