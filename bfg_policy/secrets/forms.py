"""The forms of credentials that give themselves away: a prefix, a scheme, a header.

Written from what the issuers themselves publish about their formats. Lengths are lower bounds,
a little under the real ones: a key that lost its last letters when it was copied is one still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import re2

from bfg_policy.secrets.values import is_encoded_key, is_given, is_shown, is_web_token

if TYPE_CHECKING:
    from collections.abc import Callable


class Form(NamedTuple):
    """One way in which a credential is written.

    kind: what it is, to be read after "this looks like". literals: at least one of them stands
    in every text that holds one. pattern: its first group is what a finding points at, its last
    one that took part is the secret itself; without any, it is none. is_one: has the last word
    on that secret.
    """

    kind: str
    literals: tuple[str, ...]
    pattern: str
    is_one: Callable[[str], bool] = is_shown


# No letter or digit before it: a prefix inside of a longer word means nothing.
_START = r"(?:^|[^A-Za-z0-9])"


def _token(kind: str, prefixes: str, rest: str) -> Form:
    """A token that begins with a prefix of its issuer. prefixes: with blanks between them."""
    known = tuple(prefixes.split())
    return Form(kind, known, f"{_START}((?:{'|'.join(map(re2.escape, known))}){rest})")


def _is_url_password(value: str) -> bool:
    """Not the port of a URL that goes on to some other `@`, and not the tag of an image."""
    after = value.lstrip("0123456789")
    return is_given(value) and not (after != value and after[:1] in set("/?#'\",;)]}"))


def _is_sloppy_password(value: str) -> bool:
    return "://" not in value and _is_url_password(value)


_DATABASES = (
    "postgres(?:ql)?|mysqlx?|mariadb|sqlserver|mssql|oracle|db2|cockroach(?:db)?|clickhouse|influxdb"
    "|mongodb|rediss?|valkeys?|cassandra|neo4j|bolt|amqps?|nats|kafka|memcached|couchdb|snowflake"
)
# In JSON a slash may be written `\/`, and a quote in a password is `\"`.
_SLASHES = r":\\?/\\?/"
_USER = r"(?:[^\s:/?#\"<>\[\]\\]|<[^\s<>]*>)*"
_UP_TO_AT = r"((?:[^\s/?#\"\\]|\\[^\s/])+)"
# Not by the book, and yet people write passwords with a slash into URLs.
_SLOPPY = r"((?:[^\s\"\\]|\\\S)*[/?#](?:[^\s\"\\]|\\\S)*)"
_NO_DIGEST = "(?:$|[^s]|s[^h]|sh[^a])"  # `image:tag@sha256:...` has no password
_HOST = r"(?i:https?:\\?/\\?/)?"
_PART = r"(?:\\?/[\w@.-]+)"

_URLS = (
    Form(
        "a database password in a URL",
        ("@",),
        rf"((?i:{_DATABASES})(?:\+[a-z0-9]+)?{_SLASHES}{_USER}:{_UP_TO_AT}@){_NO_DIGEST}",
        _is_url_password,
    ),
    Form(
        "a database password in a URL",
        ("@",),
        rf"((?i:{_DATABASES})(?:\+[a-z0-9]+)?{_SLASHES}{_USER}:{_SLOPPY}@)",
        _is_sloppy_password,
    ),
    Form(
        "a password in a URL",
        ("@",),
        rf"([A-Za-z][A-Za-z0-9+.-]*{_SLASHES}{_USER}:{_UP_TO_AT}@){_NO_DIGEST}",
        _is_url_password,
    ),
    Form(
        "a database password in a URL",
        ("jdbc:oracle:",),
        r"(jdbc:oracle:[a-z0-9]+:[^\s/@\"]+/([^\s@/\"]+)@)",
        is_given,
    ),
    Form(
        "the secret of a one-time password",
        ("otpauth",),
        rf"(otpauth{_SLASHES}[^\s\"']*?(?i:secret=([a-z2-7]{{8,}})))",
    ),
    Form(
        "a webhook URL, which anybody can post to",
        ("hooks.slack",),
        rf"({_HOST}hooks\.slack(?:-gov)?\.com{_PART}{{2,3}}\\?/([A-Za-z0-9]{{18,}}))",
    ),
    Form(
        "a webhook URL, which anybody can post to",
        ("discord",),
        rf"({_HOST}[a-z.]*discord(?:app)?\.com\\?/api{_PART}{{2,3}}\\?/([\w-]{{40,}}))",
    ),
    Form(
        "a webhook URL, which anybody can post to",
        ("webhook.office.",),
        rf"({_HOST}[a-z0-9.-]*webhook\.office\.com{_PART}{{2,5}}\\?/([0-9a-f]{{32}}))",
    ),
    Form(
        "a webhook URL, which anybody can post to",
        ("hooks.zapier.",),
        rf"({_HOST}hooks\.zapier\.com\\?/hooks{_PART}{{2,3}}\\?/([a-z0-9]{{5,}}))",
    ),
    Form(
        "the signature of a URL, which opens what it points to",
        ("sig=", "Signature=", "signature="),
        r"(?i)[?&](?:s[evprt]|x-(?:amz|goog)-[a-z]+)=[^\s\"']*?"
        r"[?&;](?:sig|x-(?:amz|goog)-signature)=([a-z0-9%+/_-]{32,}=*)",
    ),
)

_CLOUDS = (
    Form(
        "an AWS access key id",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        rf"{_START}(A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{{16}})(?:\b|_)",
    ),
    _token("an AWS session token", "IQoJb3JpZ2lu FwoGZXIvYXdz", "[A-Za-z0-9+/=]{40,}"),
    _token("an Alibaba access key id", "LTAI", "[A-Za-z0-9]{16,24}"),
    Form("an Azure client secret", ("Q~",), r"(?:^|[^\w~.-])([\w~.-]{3}[0-9]Q~[\w~.-]{30,})"),
    _token("a Google API key", "AIza", r"[\w-]{33,}"),
    _token("a Google OAuth secret", "GOCSPX-", r"[\w-]{20,}"),
    _token("a Google access token", "ya29.", r"[\w.-]{20,}"),
    _token("a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", "[0-9a-fA-F]{48,}"),
    _token("a Databricks token", "dapi dose dkea", "[0-9a-h]{32}"),
    Form(
        "a Terraform token",
        (".atlasv1.",),
        rf"{_START}([A-Za-z0-9]{{10,}}\.atlasv1\.[\w=-]{{40,}})",
    ),
    _token("a Vault token", "hvs. hvb. hvr.", r"[\w-]{20,}"),
    _token("a Doppler token", "dp.pt. dp.st. dp.ct. dp.sa.", r"[\w.-]{40,}"),
)

_FORGES = (
    _token("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"(?:[A-Za-z0-9]{30,}|[0-9]+_eyJ[\w.-]+)"),
    _token("a GitHub token", "github_pat_", "[A-Za-z0-9_]{36,}"),
    _token(
        "a GitLab token",
        "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct-"
        " glwt- GR1348941",
        r"[\w.-]{16,}",
    ),
    _token("an Atlassian token", "ATATT3 ATCTT3 ATBB", r"[\w=-]{24,}"),
    _token("an npm token", "npm_", "[A-Za-z0-9]{30,}"),
    _token("a PyPI token", "pypi-", r"[\w-]{60,}"),
    _token("a RubyGems key", "rubygems_", "[0-9a-f]{40,}"),
    _token("a Docker Hub token", "dckr_pat_ dckr_oat_", r"[\w-]{20,}"),
)

_SERVICES = (
    _token(
        "a Slack token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe.xoxb- xoxe.xoxp- xoxo- xoxp- xoxr- xoxs- xapp-",
        "[A-Za-z0-9%-]{20,}",
    ),
    Form(
        "the token of a Telegram bot",
        (":AA",),
        r"(?:^|[^A-Za-z0-9]|bot)([0-9]{8,12}:AA[\w-]{31,35})",
    ),
    _token(
        "a Stripe key",
        "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ sk_org_",
        r"[\w]{16,}",
    ),
    _token("the secret of a webhook", "whsec_", "[A-Za-z0-9+/=]{20,}"),
    _token("a SendGrid key", "SG.", r"[\w-]{16,}\.[\w-]{30,}"),
    _token("a Mailgun key", "key-", r"[0-9a-f]{32}\b"),
    Form("a Mailchimp key", ("-us",), rf"{_START}([0-9a-f]{{32}}-us[0-9]{{1,2}})\b"),
    _token("a Brevo key", "xkeysib- xsmtpsib-", "[0-9a-f]{60,}"),
    Form(
        "the token of a Twilio account",
        ("AC",),
        f"{_START}(AC[0-9a-f]{{32}}:([0-9a-f]{{32}}))",
    )._replace(literals=tuple(f"AC{digit}" for digit in "0123456789abcdef")),
    _token("a Shopify token", "shpat_ shpca_ shppa_ shpss_ shpua_ shptka_", "[0-9a-fA-F]{28,}"),
    _token("a Square token", "sq0atp- sq0csp-", r"[\w-]{22,}"),
    _token("a Grafana token", "glsa_", "[A-Za-z0-9]{28,}_[0-9a-fA-F]{8}"),
    _token("a Grafana token", "glc_ eyJrIjoi", "[A-Za-z0-9+/=]{32,}"),
    _token("a New Relic key", "NRAK-", "[A-Z0-9]{24,}"),
    _token("a Sentry token", "sntrys_ sntryu_", r"[\w+/=-]{30,}"),
    _token("a Notion token", "ntn_ secret_", "[A-Za-z0-9]{40,}"),
    _token("a Linear key", "lin_api_ lin_oauth_", "[A-Za-z0-9]{32,}"),
    _token("a Postman key", "PMAK-", "[0-9a-f]{24}-[0-9a-f]{30,}"),
)

_MODELS = (
    _token("the key of a language model", "sk-ant- sk-proj- sk-svcacct- sk-admin-", r"[\w-]{20,}"),
    _token("the key of a language model", "sk-or-v1- sk-lf- sk-None-", r"[\w-]{20,}"),
    _token("the key of a language model", "sk-", r"[A-Za-z0-9]{32,}"),
    _token("the key of a language model", "gsk_ xai- pplx- csk- nvapi- lsv2_", r"[\w-]{36,}"),
    _token("a Hugging Face token", "hf_ api_org_", "[A-Za-z0-9]{30,}"),
    _token("a Replicate token", "r8_", "[A-Za-z0-9]{32,}"),
)

_OTHERS = (
    Form(
        "a private key in base64",
        ("LS0tLS1CRUdJTi",),
        "(LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}=*)",
        is_encoded_key,
    ),
    Form(
        "a JSON Web Token",
        ("eyJ",),
        r"(?:^|[^\w.-])(eyJ[\w-]{8,}(?:\.[\w-]*){0,2}\.[\w-]{8,}\.[\w-]{8,})",
        is_web_token,
    ),
    Form(
        "an age secret key",
        ("AGE-SECRET-KEY-", "age-secret-key-"),
        "((?i:AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}))",
    ),
    Form(
        "a KSeF token",
        ("|nip-", "|internalid-", "|internalId-", "|nipVatUe-", "|peppol"),
        r"\b([0-9]{8}-[A-Z]{2}-[0-9A-F]{10}-[0-9A-F]{10}-[0-9A-F]{2}\|[A-Za-z]+-?[\w.-]*"
        r"\|[0-9a-fA-F]{60,})",
    ),
)

FORMS: tuple[Form, ...] = (*_URLS, *_CLOUDS, *_FORGES, *_SERVICES, *_MODELS, *_OTHERS)
