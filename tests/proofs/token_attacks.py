"""More than ten thousand attack tokens, each one change away from a token that is accepted.

Where it can be, an attack is signed with our own key, so that the rule under attack, not the signature, refuses it.
"""

import base64
import hmac
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from api.token_keys import SigningKeys
from api.tokens import BearerClaims, TokenModule

NOW = 4_000_000_000
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

OURS = ec.derive_private_key(0x5EED_0001, ec.SECP256R1())
BEFORE = ec.derive_private_key(0x5EED_0002, ec.SECP256R1())
STRANGER = ec.derive_private_key(0x5EED_0003, ec.SECP256R1())
KEYS = SigningKeys(OURS, BEFORE.public_key())
HEADER = {"alg": "ES256", "kid": KEYS.kid, "typ": "at+jwt"}
BEARER: BearerClaims = {
    "sub": "0193b0c0-1111-7000-8000-000000000001",
    "jti": "0193b0c0-1111-7000-8000-000000000002",
    "sid": "0193b0c0-1111-7000-8000-000000000003",
    "client_id": "kikan-web",
    "assignment_id": "0193b0c0-1111-7000-8000-000000000004",
    "role": "centre_staff",
    "place": "centre:0193b0c0-1111-7000-8000-000000000005",
    "scope": "",
    "ver": 3,
}
CLAIMS: dict[str, Any] = {
    "iss": "https://kikan.example", "aud": "kikan", "iat": NOW, "exp": NOW + 600, **BEARER
}  # fmt: skip
SPKI = PublicFormat.SubjectPublicKeyInfo
PEM = OURS.public_key().public_bytes(Encoding.PEM, SPKI)
DER = OURS.public_key().public_bytes(Encoding.DER, SPKI)
SSH = OURS.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
POINT = OURS.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

Signer = Callable[[bytes], bytes]


class Attack(NamedTuple):
    kind: str
    token: str


def module() -> TokenModule:
    return TokenModule(KEYS, CLAIMS["iss"], CLAIMS["aud"])


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def raw_pair(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def es256(key: ec.EllipticCurvePrivateKey, *, high: bool = False) -> Signer:
    def sign(signed: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return raw_pair(r, max(s, ORDER - s) if high else min(s, ORDER - s))

    return sign


def hs(secret: bytes, digest: str = "sha256") -> Signer:
    return lambda signed: hmac.new(secret, signed, digest).digest()


def made(header: object, payload: object, signer: Signer | None = None) -> str:
    signed = f"{b64(compact(header).encode('utf-8', 'surrogatepass'))}.{b64(compact(payload).encode())}"
    return f"{signed}.{b64((signer or es256(OURS))(signed.encode()))}"


def with_raw(claim: str, text: str) -> str:
    return "{" + ",".join(f'"{k}":{text if k == claim else compact(json.dumps(v))}' for k, v in CLAIMS.items()) + "}"


def damaged_text() -> Iterator[Attack]:
    token = module().sign(**BEARER, now=NOW)
    for i, letter in enumerate(token):
        kind = "flipped bit at the end" if i == len(token) - 1 else "flipped bit"
        for bit in range(8):
            yield Attack(kind, token[:i] + chr(ord(letter) ^ 1 << bit) + token[i + 1 :])
        yield Attack("beginning only", token[:i])
        yield Attack("end only", token[i + 1 :])
        yield Attack("letter missing", token[:i] + token[i + 1 :])
        yield Attack("letter twice", token[:i] + letter + token[i:])
        if token[i : i + 2] != token[i : i + 2][::-1]:
            yield Attack("letters swapped", token[:i] + token[i : i + 2][::-1] + token[i + 2 :])
        for strange in " \n\t=.+/\0%あ\u2028\ud800\uff0e" if i % 11 == 0 else "":
            yield Attack("strange letter", token[:i] + strange + token[i:])
    for text in (f" {token}", f"{token}\n", f"{token} ", f"Bearer {token}", f"{token}.", f".{token}", f"{token}\x00"):
        yield Attack("around it", text)
    yield Attack("too long", made(HEADER, {**CLAIMS, "scope": "x" * 3000}))


def wrong_headers() -> Iterator[Attack]:
    jwk = KEYS.public_set()["keys"][0]
    headers: list[object] = [{**HEADER, "alg": alg} for alg in (
        "none", "None", "NONE", "nOnE", "", None, True, 1, ["ES256"], {}, "es256", "ES256 ", "ES256K", "ES384", "ES512",
        "HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "EdDSA", "dir", "ECDH-ES",
    )]  # fmt: skip
    headers += [
        {**HEADER, "typ": typ} for typ in ("JWT", "jwt", "AT+JWT", "application/at+jwt", "", None, 1, "dpop+jwt")
    ]
    headers += [{**HEADER, "kid": kid} for kid in (
        "", None, 0, True, [KEYS.kid], {"a": 1}, KEYS.kid[:-1], KEYS.kid + "A", KEYS.kid.swapcase(), "x" * 300, "あ",
        "../../../../dev/null", "/etc/passwd", "' OR 1=1 --", "http://attacker.example/k", "$(id)", KEYS.kid + "\n",
        "\0", "\ud800",
    )]  # fmt: skip
    headers += [{k: v for k, v in HEADER.items() if k != gone} for gone in HEADER]
    headers += [{**HEADER, name: value} for name, value in {
        "jku": "https://attacker.example/jwks", "x5u": "https://attacker.example/x", "jwk": jwk, "x5c": [b64(DER)],
        "x5t": "AA", "crit": ["exp"], "b64": False, "cty": "JWT", "zip": "DEF", "enc": "A128GCM", "nonce": "1", "x": 1,
    }.items()]  # fmt: skip
    headers += [{**HEADER, "crit": ["b64"], "b64": False}, [], [HEADER], "null", "1", '"x"', "{", "[" * 300]
    headers += [
        f'{{"alg":"none",{compact(HEADER)[1:]}', compact(HEADER)[:-1] + ',"alg":"none"}',
        f'{{"alg":"ES256",{compact(HEADER)[1:]}', json.dumps(HEADER), dict(reversed(HEADER.items())),
        " " + compact(HEADER), "\ufeff" + compact(HEADER),
    ]  # fmt: skip
    robber = rsa.generate_private_key(65537, 2048)
    wide = ec.derive_private_key(7, ec.SECP384R1())
    signers: dict[str, Signer] = {
        "unsigned": lambda _: b"", "our key": es256(OURS), "strange key": es256(STRANGER), "HMAC empty": hs(b""),
        "HMAC PEM": hs(PEM), "HMAC PEM stripped": hs(PEM.strip()), "HMAC DER": hs(DER), "HMAC SSH": hs(SSH),
        "HMAC point": hs(POINT), "HMAC kid": hs(KEYS.kid.encode()), "HMAC JWK": hs(compact(jwk).encode()),
        "HMAC 512 DER": hs(DER, "sha512"), "RSA": lambda m: robber.sign(m, padding.PKCS1v15(), hashes.SHA256()),
        "P-384": lambda m: raw_pair(*(n >> 128 for n in decode_dss_signature(wide.sign(m, ec.ECDSA(hashes.SHA384()))))),
    }  # fmt: skip
    for header in headers:
        for how, signer in signers.items():
            yield Attack(f"header, {how}", made(header, CLAIMS, signer))
    for how, signer in signers.items():
        if how != "our key":
            yield Attack(f"our header, {how}", made(HEADER, CLAIMS, signer))


def wrong_claims() -> Iterator[Attack]:
    text_claims = {name for name, value in CLAIMS.items() if isinstance(value, str)}
    no_text = ["0", "1.5", "true", "null", "[]", "{}", '["a"]', '{"a":1}', "NaN", '"\\u0000"', '"\\ud800"', '"\\u3042"']
    no_text += ['"あ"', '"a\\nb"', '"\x7f"', compact(json.dumps("x" * 1025)), "Infinity", "1e999", '"a', "'a'"]
    no_number = ["true", "false", "null", '"3"', "3.0", "3e0", "NaN", "Infinity", "-Infinity", "1e999", "-1", "1" * 400]
    no_number += [str(2**53), "[]", "{}", "[3]", "0x3", "03", "+3", "", '""', f'"{NOW + 60}"', f"{NOW + 60}.0"]
    for claim, value in CLAIMS.items():
        kind = "text" if claim in text_claims else "number"
        for text in no_text if claim in text_claims else no_number:
            yield Attack(f"{kind} of a wrong type", made(HEADER, with_raw(claim, text)))
        yield Attack("claim missing", made(HEADER, {k: v for k, v in CLAIMS.items() if k != claim}))
        once = f'"{claim}":{json.dumps(value)}'
        yield Attack("claim twice", made(HEADER, f"{{{once},{compact(CLAIMS)[1:]}"))
        yield Attack("claim twice", made(HEADER, f'{compact(CLAIMS)[:-1]},"{claim}":0}}'))
        yield Attack("claim twice", made(HEADER, f'{{"\\u{ord(claim[0]):04x}{claim[1:]}":0,{compact(CLAIMS)[1:]}'))
    for claim in text_claims - {"client_id", "assignment_id", "scope"}:
        yield Attack("claim empty", made(HEADER, {**CLAIMS, claim: ""}))
    for name, value in {
        "nbf": NOW,
        "admin": True,
        "": 1,
        "Sub": "x",
        "cnf": {},
        "act": {"sub": "x"},
        "at_hash": "x",
    }.items():
        yield Attack("claim unknown", made(HEADER, {**CLAIMS, name: value}))
    times = {"run out": (-601, -1), "runs out now": (-600, 0), "from the future": (31, 600), "lives too long": (0, 601)}
    for kind, (iat, exp) in {**times, "ends before it begins": (10, 5), "ends as it begins": (5, 5)}.items():
        for shift in range(20) if kind == "run out" else (0,):
            yield Attack(kind, made(HEADER, {**CLAIMS, "iat": NOW + iat - shift, "exp": NOW + exp - shift}))
    for change in (
        {"iss": "https://kikan.example/"},
        {"iss": "HTTPS://kikan.example"},
        {"aud": "kikan2"},
        {"aud": ["kikan"]},
    ):
        yield Attack("for somebody else", made(HEADER, {**CLAIMS, **change}))
    shapes = ["", "null", "1", "[]", compact([CLAIMS]), '"x"', "[" * 2500, '{"a":' * 500, "\ufeff" + compact(CLAIMS)]
    for payload in [*shapes, compact(CLAIMS) + "x", compact(CLAIMS) * 2, compact(CLAIMS)[:-1]]:
        yield Attack("no object", made(HEADER, payload))


def wrong_signatures() -> Iterator[Attack]:
    for version in range(200):
        claims = {**CLAIMS, "ver": version, "sub": "s" * (1 + version % 3)}
        yield Attack("high s", made(HEADER, claims, es256(OURS, high=True)))
        head, payload, signature = made(HEADER, claims).split(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
        pairs = [(s, r), (0, 0), (r, 0), (0, s), (ORDER, ORDER), (1, 1), (r, s + 1), (r + 1, s), (r, s ^ 1)]
        lengths = [raw[:63], raw + b"\0", b"\0" + raw, raw + raw, b"", raw[:32], b"\xff" * 64]
        for other in [*(raw_pair(*pair) for pair in pairs), *lengths] if version < 40 else []:
            yield Attack("broken signature", f"{head}.{payload}.{b64(other)}")
        der = OURS.sign(f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
        yield Attack("DER signature", f"{head}.{payload}.{b64(der)}")
        yield Attack("padded", f"{head}.{payload}=.{signature}")
        yield Attack("padded", f"{head}.{payload}.{signature}==")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        last = alphabet[alphabet.index(signature[-1]) | version % 15 + 1]
        yield Attack("spare bits set", f"{head}.{payload}.{signature[:-1]}{last}")
        spare = {2: 15, 3: 3}.get(len(payload) % 4)
        if spare:
            signed = f"{head}.{payload[:-1]}{alphabet[alphabet.index(payload[-1]) | version % spare + 1]}"
            yield Attack("spare bits set, signed so", f"{signed}.{b64(es256(OURS)(signed.encode()))}")


def other_things() -> Iterator[Attack]:
    token = made(HEADER, CLAIMS)
    public = ECKey.import_key(PEM.decode())
    for alg, key in (("ECDH-ES", public), ("ECDH-ES+A128KW", public), ("dir", OctKey.import_key(DER[:32]))):
        header = {"alg": alg, "enc": "A256GCM", "kid": KEYS.kid, "typ": "at+jwt"}
        for inside in (token, compact(CLAIMS)):
            yield Attack("encrypted", jwe.encrypt_compact(header, inside.encode(), key, algorithms=[alg, "A256GCM"]))
    yield Attack("nested", made(HEADER, token))
    yield Attack("nested", made({**HEADER, "cty": "JWT"}, json.dumps(token)))
    head, payload, signature = token.split(".")
    flat = {"protected": head, "payload": payload, "signature": signature}
    yield Attack("JSON serialisation", json.dumps(flat))
    yield Attack("JSON serialisation", json.dumps({"payload": payload, "signatures": [flat]}))
    for parts in (
        "",
        ".",
        "..",
        "...",
        "a",
        head,
        f"{head}.",
        f"{head}..",
        f"{head}..{signature}",
        f"{head}.{payload}",
    ):
        yield Attack("parts missing", parts)
    yield Attack("parts missing", f"{head}.{payload}.")
    dice = random.Random(3)
    for length in range(500):
        points = [dice.choice((46, 65, 95, 61, 0x1F600, dice.randrange(1, 0xD7FF))) for _ in range(length)]
        yield Attack("noise", "".join(map(chr, points)))
    for length in range(200):
        yield Attack("noise, signed", made(HEADER, dice.randbytes(length).decode("latin-1")))


@cache
def attacks() -> tuple[Attack, ...]:
    kinds = (damaged_text, wrong_headers, wrong_claims, wrong_signatures, other_things)
    return tuple(attack for kind in kinds for attack in kind())
