"""The credentials that only the words around them give away: `password = ...`, a cookie, netrc."""

from __future__ import annotations

from bfg_policy.secrets.forms import Form
from bfg_policy.secrets.values import (
    is_given,
    is_header_token,
    is_login,
    is_password,
    is_random,
    is_spoken_password,
)

_PASSWORDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "mot de passe", "mdp", "hasło", "haslo",
    "пароль", "passwort", "kennwort", "contraseña", "wachtwoord",
)  # fmt: skip
_KEYS = (
    "api", "access", "secret", "private", "pre-?shared", "encryption", "signing", "account",
    "storage", "master", "client", "auth", "app", "application", "consumer", "webhook", "service",
    "hmac", "jwt", "session", "signature", "license", "deploy", "root", "tls", "ssh", "cipher",
    "recovery", "unseal", "admin", "project", "integration",
)  # fmt: skip
_PASSWORD_WORDS = f"(?:{'|'.join(_PASSWORDS)})s?"
_SECRET_WORDS = rf"(?:secrets?|token|credentials?|(?:{'|'.join(_KEYS)})[-_. ]?key(?:_base)?)"

# What ends in the same words and is no secret: taken out of the way, without a group.
_PAGING = (
    r"arn:[\w:-]+:secret:"
    r"|(?:next|page|paging|continuation|pagination|sync|client|creation|public[-_]?key)[-_]?token"
)
# `name: value`, `"name": "value"`, `NAME=value`, `name := value`, and a block text's first line.
_IS = (
    r"[\"'`\]]{0,2}[\s\x{a0}]*(?::=|=>|:|=)[\s\x{a0}]*"
    r"(?:[|>][-+]?[0-9]?[-+]?[ \t]*[\r\n]\s*)?"
)
_VALUE = (
    r"(?:\\?\"((?:[^\"\\\r\n]|\\[^\r\n])+)\"|'((?:[^'\r\n]|'')+)'"
    r"|`?([^\s\"'`,;&<>{}\[\]\\][^\s\"'`,;&{}\[\]\\]*))"
)
_QUOTED = r"(?:'((?:[^'\r\n]|'')+)'|\"([^\"\r\n]+)\")"
_BASE64 = "([A-Za-z0-9+/]{12,}={0,2})"
_SAYS = r"\s+(?:(?:is|was|est|jest|to|ist|es)\s*:?\s+)?"

CONTEXTS: tuple[Form, ...] = (
    Form(
        "a token in a header",
        ("bearer",),
        r"\bbearer[\s\x{a0}]+[\"']?([A-Za-z0-9._~+/-]{8,}=*)",
        is_header_token,
    ),
    Form(
        "a token in a header",
        ("authorization",),
        rf"\bauthorization{_IS}[\"']?(?:token|api-?key|key)\s+(?:token=)?[\"']?([\w.~+/=-]{{8,}})",
        is_header_token,
    ),
    Form(
        "a login in a header",
        ("basic",),
        rf"\bbasic\s+[\"']?{_BASE64}",
        is_login,
    ),
    Form(
        "a login in base64",
        ("auth",),
        rf"\b_?auth[\"']?\s*[:=]\s*[\"']?{_BASE64}",
        is_login,
    ),
    Form(
        "the cookie of a session",
        ("cookie",),
        r"cookie[\"']?\s*:[^\r\n]*?\b[\w.-]*(?:sess|sid|auth|token|jwt)[\w.-]*=([^\s;,\"']{16,})",
        is_random,
    ),
    Form(
        "a password in SQL",
        ("create", "alter"),
        r"\b(?:create|alter)\s+(?:role|user|login)\b[^;\r\n]*?"
        rf"\b(?:password|identified\s+by)\s*=?\s*{_QUOTED}",
        is_given,
    ),
    Form(
        "a password in SQL",
        ("password", "identified"),
        rf"\b(?:password|identified\s+(?:with\s+\S+\s+)?by)\s+{_QUOTED}",
        is_password,
    ),
    Form(
        "a password",
        ("login",),
        r"\blogin\s+\S+\s+(?:account\s+\S+\s+)?password\s+[\"']?([^\s\"']+)",
        is_password,
    ),
    Form(
        "a password",
        _PASSWORDS,
        f"{_PASSWORD_WORDS}{_IS}{_VALUE}",
        is_password,
    ),
    Form(
        "a password",
        (*_PASSWORDS, "--pass"),
        rf"(?:{_PASSWORD_WORDS}|--pass){_SAYS}[\"'`«]?([^\s\"'`»]+)",
        is_spoken_password,
    ),
    Form(
        "a password",
        _PASSWORDS,
        rf"{_PASSWORD_WORDS}(?:\s+[^\s:=]+){{1,4}}\s+(?:is|was|est|jest|ist|es)\s*:?\s+"
        r"[\"'`«]?([^\s\"'`»]+)",
        is_spoken_password,
    ),
    Form(
        "a password",
        ("pass",),
        r"\b(?:login|user|username|account)\b[^\r\n]{1,60}?\bpass[ \t:=]+[\"'`]?([^\s\"'`]+)",
        is_spoken_password,
    ),
    Form(
        "a password",
        ("curl",),
        r"\bcurl\b[^\r\n]*?\s(?:-u|--user)[ =]*[\"']?[^\s:\"']+:([^\s\"']+)",
        is_given,
    ),
    Form(
        "a password",
        (":*:", *(f"{digit}:" for digit in "0123456789")),
        # A host has a dot or a letter beyond `f` in it, which the groups of an IPv6 address lack.
        r"(?:^|[^\w.*:-])(?:[a-z0-9-]*[g-z.][a-z0-9.-]*|\*):(?:[0-9]{4,5}|\*)"
        r":[\w.*-]+:[\w.@*-]+:([^\s'\"]+)",
        is_password,
    ),
    Form(
        "a secret",
        ("secret", "token", "credential", "key"),
        f"{_PAGING}|{_SECRET_WORDS}{_IS}{_VALUE}",
        is_random,
    ),
)
