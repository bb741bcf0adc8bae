"""What the value beside a word such as `password` may be: a stand-in for a secret, or one."""

from __future__ import annotations

import binascii
from functools import lru_cache
from itertools import pairwise
from typing import Any

import re2

# What is written over a secret.
_MASK = r"^[^\pL\pN]*$|\*\*\*|(?i:%2A){3}|••|●●|\.\.\.|…|(?i:redacted|x{5})"

_WORDS = "pass|passwd|password|passphrase|pwd|pw|secret|token|(?:api|access)?[-_]?key|credentials?"
_OWNERS = "your|my|the|an?|new|old|db|database|user|root"
# Templates, references to where a secret is kept, and words that only name one.
_REFERENCE = "|".join(
    (
        r"^(?:[{(]|#\{|__\w+__$|<[^<>]*>?$|\[[^\[\]]*\]?$|\\[({]|%[({]|%[sd]$|%[A-Z_]+%$|:[A-Za-z_]+$)",
        r"^\$(?:[{(]|[A-Z_][A-Z0-9_]*$)",
        r"(?i:^\$\w*(?:pass|pw|secret|token|key)\w*$|^!(?:vault|ref|sub|env|secret|include)\b)",
        r"^(?:@?\.{0,2}/|~/|[A-Za-z]:\\|ENC\[|[a-z][a-z0-9-]{2,}/[a-z][a-z0-9-]{2,})",
        r"(?i:^(?:vault|op|ssm|awssm|sm|kms|arn|sops|age|env|file|secrets?|ref|hmac|sha[0-9]+|md5)[:/])",
        r"(?i:^(?:keyvault|keyring|keychain|doppler|bws?|pass|gopass|k8s|projects|https?|urn)[:/])",
        r"^(?:os|process|env|vars?|data|local|secrets?|config|settings|each|self|module)\.[A-Za-z_]",
        r"(?i:^(?:null|none|nil|true|false|empty|unset|hidden|masked|omitted|filtered|removed|x+)$)",
        r"(?i:^(?:change|replace|fill)[-_]?(?:me|this|it|in)$)",
        rf"(?i:^(?:(?:{_OWNERS})[-_. ]?)*(?:{_WORDS})(?:[-_]?here)?$)",
        r"^(?:[A-Z0-9]+_)*[A-Z0-9]*(?:PASS|PASSWORD|SECRET|TOKEN|KEY|PWD)(?:_[A-Z0-9]+)*$",
    )
)
_TYPES = (
    "(?:scram-)?sha-?[0-9]{1,3}|argon2i?d?|md5|pbkdf2|[rehp]s[0-9]{3}|aes-?[0-9]{3}(?:-[a-z]+)?"
    "|(?:var)?char[0-9]*|string[0-9]*|u?int[0-9]+|uuid[0-9]|oauth-?2|saml-?2|fido-?2|x509|base64"
    "|utf-?8|ed25519"
)
# Dates, versions, amounts, types, algorithms, calls, and what ends as only a key does.
_NO_PASSWORD = "|".join(
    (
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
        r"^(?:[0-9]+:)?v?[0-9]+(?:\.[0-9]+)+|^[-+]?[0-9.,]+(?:[eE][-+]?[0-9]+)?[A-Za-z%]{0,3}$",
        r"^@?[A-Za-z_][A-Za-z0-9_.]*[(\[]|:$",
        rf"(?i:^(?:{_TYPES})$)",
    )
)
_UUID = r"(?i)^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


@lru_cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def is_shown(value: str) -> bool:
    """Whether a value is there in full, and not masked."""
    return _compiled(_MASK).search(value) is None


def is_given(value: str) -> bool:
    """Whether a value is there, and no template, reference or word stands in its place."""
    return is_shown(value) and _compiled(_REFERENCE).search(value) is None


def is_password(value: str) -> bool:
    """Whether a value beside the word `password` is one: six signs, letters and digits in it."""
    if len(value) < 6 or not is_given(value) or _compiled(_NO_PASSWORD).search(value):
        return False
    return _has_letter(value) and (_has_digit(value) or _is_strong(value))


def is_spoken_password(value: str) -> bool:
    """Whether a word of a sentence is a password: stronger than what sentences are made of."""
    return len(value) >= 8 and is_password(value) and _is_strong(value)


def is_random(value: str) -> bool:
    """Whether a value looks drawn by a machine: it keeps changing between kinds of signs."""
    if len(value) < 16 or not is_given(value) or _compiled(_UUID).search(value):
        return False
    return _is_mixed(value)


def is_header_token(value: str) -> bool:
    """Whether what follows `Bearer` is a token and no word: capitals, small letters and digits."""
    if len(value) < 8 or not is_given(value):
        return False
    if len(value) >= 16 and _is_mixed(value):
        return True
    return _has_digit(value) and any(map(str.isupper, value)) and any(map(str.islower, value))


def is_login(value: str) -> bool:
    """Whether a value is `name:password` in base64, and the password is there in full."""
    decoded = _decoded(value).decode("ascii", "replace")
    name, colon, password = decoded.partition(":")
    return (
        bool(name and colon) and decoded.isascii() and decoded.isprintable() and is_given(password)
    )


def is_web_token(value: str) -> bool:
    """Whether the first part of a value is the header of a JSON Web Token, in base64url."""
    decoded = _decoded(value.partition(".")[0].replace("-", "+").replace("_", "/"))
    return decoded.startswith(b"{") and b'"alg"' in decoded


def is_encoded_key(value: str) -> bool:
    """Whether a value is a private key in base64."""
    return b"PRIVATE KEY" in _decoded(value)


def _decoded(value: str) -> bytes:
    """The bytes of base64, with or without its padding; none where it is no base64."""
    try:
        return binascii.a2b_base64(value + "=" * (-len(value) % 4))
    except ValueError:
        return b""


def _is_strong(value: str) -> bool:
    """Digits with odd signs, or small letters with two kinds more."""
    kinds = {
        "lower": any(map(str.islower, value)),
        "upper": any(map(str.isupper, value)),
        "digit": _has_digit(value),
        "odd": any(sign in "!@#$%^&*+" for sign in value),
    }
    few = sum(kinds.values()) < 3
    return (kinds["digit"] and kinds["odd"]) or (kinds["lower"] and not few)


def _has_letter(value: str) -> bool:
    return any(map(str.isalpha, value))


def _has_digit(value: str) -> bool:
    return any(map(str.isdecimal, value))


def _is_mixed(value: str) -> bool:
    """Whether digits, capitals and small letters change about as often as chance would have it.

    Names change kind where their words do; what is drawn, at every second sign or so. With two
    digits one change in five signs is enough, with a single one it takes three in ten.
    """
    kinds = [_kind(sign) for sign in value if sign.isalnum()]
    changes = sum(1 for one, other in pairwise(kinds) if one != other)
    digits = kinds.count("digit")
    return (digits > 1 and changes * 5 >= len(kinds)) or (
        digits == 1 and changes * 10 >= 3 * len(kinds)
    )


def _kind(sign: str) -> str:
    if not sign.isalpha():
        return "digit"
    return "upper" if sign.isupper() else "lower"
