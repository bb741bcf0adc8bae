"""Credentials of every kind that we know, none of them real, and things that look like them.

Each is put together here from a prefix and a drawn body, so that no file holds one: the scanners
of a code host would ring, and ours would refuse to read it.
"""

from __future__ import annotations

import base64
import json
import random
import string
from typing import NamedTuple

HEX = "0123456789abcdef"
BASE32 = string.ascii_uppercase + "234567"
BASE62 = string.ascii_letters + string.digits
BASE64 = BASE62 + "+/"
URL64 = BASE62 + "-_"


class Example(NamedTuple):
    """A fake credential. kind: a word of what the finding calls it; secret: what must not show."""

    name: str
    kind: str
    text: str
    secret: str


def drawn(alphabet: str, length: int, seed: str) -> str:
    """So many signs of an alphabet, always the same for one seed."""
    return "".join(random.Random(seed).choices(alphabet, k=length))  # noqa: S311


def encoded(text: str) -> str:
    """Text in base64."""
    return base64.b64encode(text.encode()).decode()


def web_token(seed: str, algorithm: str = "HS256") -> str:
    """A JSON Web Token whose signature nobody made."""
    parts = [{"alg": algorithm, "typ": "JWT"}, {"sub": seed, "exp": 1}]
    head, body = (encoded(json.dumps(each)).rstrip("=") for each in parts)
    return f"{head}.{body}.{drawn(URL64, 43, seed)}"


def private_key(label: str, *, end: str = "\n") -> str:
    """Text in the shape of a private key, with no key inside."""
    body = encoded("not a key, only its shape. " * 5)
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    dashes = "-" * 5
    return end.join([f"{dashes}BEGIN {label}{dashes}", *lines, f"{dashes}END {label}{dashes}"])


# name, kind, prefix, alphabet, how many signs of it
_TOKENS = (
    ("aws-long-lived", "AWS", "AKIA", BASE32, 16),
    ("aws-temporary", "AWS", "ASIA", BASE32, 16),
    ("aws-session", "AWS", "IQoJb3JpZ2lu", BASE64, 300),
    ("google-api", "Google", "AIza", URL64, 35),
    ("google-oauth", "Google", "GOCSPX-", URL64, 28),
    ("google-access", "Google", "ya29.", URL64, 60),
    ("azure-client", "Azure", "a1B8Q~", BASE62, 34),
    ("alibaba", "Alibaba", "LTAI", BASE62, 20),
    ("digitalocean", "DigitalOcean", "dop_v1_", HEX, 64),
    ("digitalocean-oauth", "DigitalOcean", "doo_v1_", HEX, 64),
    ("databricks", "Databricks", "dapi", HEX, 32),
    ("terraform", "Terraform", "AbCdEfGhIjKlMn.atlasv1.", URL64, 67),
    ("vault-service", "Vault", "hvs.", URL64, 90),
    ("vault-batch", "Vault", "hvb.", URL64, 120),
    ("doppler", "Doppler", "dp.pt.", BASE62, 43),
    ("github-classic", "GitHub", "ghp_", BASE62, 36),
    ("github-oauth", "GitHub", "gho_", BASE62, 36),
    ("github-user", "GitHub", "ghu_", BASE62, 36),
    ("github-server", "GitHub", "ghs_", BASE62, 36),
    ("github-refresh", "GitHub", "ghr_", BASE62, 76),
    ("github-fine", "GitHub", "github_pat_", BASE62, 82),
    ("gitlab-personal", "GitLab", "glpat-", URL64, 20),
    ("gitlab-deploy", "GitLab", "gldt-", URL64, 20),
    ("gitlab-runner", "GitLab", "glrt-", URL64, 20),
    ("gitlab-build", "GitLab", "glcbt-", URL64, 20),
    ("gitlab-trigger", "GitLab", "glptt-", HEX, 40),
    ("gitlab-feed", "GitLab", "glft-", URL64, 20),
    ("gitlab-agent", "GitLab", "glagent-", URL64, 50),
    ("gitlab-oauth", "GitLab", "gloas-", HEX, 64),
    ("atlassian", "Atlassian", "ATATT3", URL64, 180),
    ("npm", "npm", "npm_", BASE62, 36),
    ("pypi", "PyPI", "pypi-AgEIcHlwaS5vcmc", URL64, 150),
    ("rubygems", "RubyGems", "rubygems_", HEX, 48),
    ("docker-hub", "Docker", "dckr_pat_", URL64, 27),
    ("slack-bot", "Slack", "xox" + "b-000000000000-000000000000-", BASE62, 24),
    ("slack-user", "Slack", "xox" + "p-000000000000-000000000000-", HEX, 32),
    ("slack-app", "Slack", "xapp" + "-1-A00000000-000000000000-", HEX, 64),
    ("telegram", "Telegram", "0000000000:AA", URL64, 33),
    ("stripe-live", "Stripe", "sk_live_", BASE62, 24),
    ("stripe-restricted", "Stripe", "rk_test_", BASE62, 99),
    ("stripe-webhook", "webhook", "whsec_", BASE62, 32),
    ("sendgrid", "SendGrid", "SG.aaaaaaaaaaaaaaaaaaaaaa.", URL64, 43),
    ("mailgun", "Mailgun", "key-", HEX, 32),
    ("brevo", "Brevo", "xkeysib-", HEX, 64),
    ("shopify", "Shopify", "shpat_", HEX, 32),
    ("shopify-secret", "Shopify", "shpss_", HEX, 32),
    ("square", "Square", "sq0csp-", URL64, 43),
    ("grafana-cloud", "Grafana", "glc_eyJv", BASE62, 60),
    ("new-relic", "New Relic", "NRAK-", BASE32, 27),
    ("sentry", "Sentry", "sntrys_", BASE62, 60),
    ("notion", "Notion", "ntn_", BASE62, 46),
    ("postman", "Postman", "PMAK-" + "0" * 24 + "-", HEX, 34),
    ("linear", "Linear", "lin_api_", BASE62, 40),
    ("anthropic", "model", "sk-ant-api03-", URL64, 93),
    ("openai-project", "model", "sk-proj-", URL64, 120),
    ("open-router", "model", "sk-or-v1-", HEX, 64),
    ("openai-old", "model", "sk-", BASE62, 48),
    ("groq", "model", "gsk_", BASE62, 52),
    ("hugging-face", "Hugging Face", "hf_", string.ascii_letters, 34),
    ("replicate", "Replicate", "r8_", BASE62, 37),
    ("age", "age", "AGE-SECRET-KEY-1", BASE32, 58),
)


def _token(name: str, kind: str, prefix: str, alphabet: str, length: int) -> Example:
    secret = prefix + drawn(alphabet, length, name)
    return Example(name, kind, secret, secret)


def _url(
    name: str, kind: str, scheme: str, secret: str, rest: str = "db.bfg.example/bfg"
) -> Example:
    return Example(name, kind, f"{scheme}:{secret}@{rest}", secret)


_PASSWORD = "Kestrel" + "-41-" + "wharf"
_HARD = drawn(BASE62, 20, "hard")
_LOGIN = encoded(f"bfg_app:{_PASSWORD}")

# What gives itself away.
FORMS = (
    *(_token(*each) for each in _TOKENS),
    _url("postgres", "database", "postgres://ops", _PASSWORD),
    _url("postgres-driver", "database", "postgresql+psycopg://ops", _PASSWORD),
    _url("postgres-encoded", "database", "postgresql://ops%40corp", "p%40ss%3Aw%2Frd"),
    _url("postgres-at-sign", "database", "postgres://ops", "p@ss-word9"),
    _url("postgres-slash", "database", "postgres://ops", "p/ss?w#rd9"),
    _url("postgres-digits", "database", "postgres://ops", "4711"),
    _url("mysql", "database", "mysql://ops", _PASSWORD),
    _url("redis-no-user", "database", "rediss://", _PASSWORD, "cache.bfg.example:6379/0"),
    _url(
        "mongodb-hosts", "database", "mongodb://ops", _PASSWORD, "a.example:27017,b.example:27017/x"
    ),
    _url("amqp", "database", "amqps://ops", _PASSWORD, "mq.bfg.example/%2Fbfg"),
    _url("upper-case", "database", "POSTGRES://OPS", _PASSWORD),
    _url("https", "URL", "https://ops", _PASSWORD, "api.bfg.example/v1"),
    _url("ftp", "URL", "ftp://ops", _PASSWORD, "192.0.2.62/drop"),
    _url("smtp", "URL", "smtps://ops%40bfg.example", _PASSWORD, "mail.bfg.example:465"),
    _url(
        "git", "URL", "https://oauth2", "glpat-" + drawn(URL64, 20, "git"), "git.bfg.example/x.git"
    ),
    Example(
        "jdbc-oracle",
        "database",
        f"jdbc:oracle:thin:ops/{_PASSWORD}@//db.example:1521/x",
        _PASSWORD,
    ),
    Example(
        "one-time",
        "one-time",
        "otpauth://totp/BFG:ops?secret=" + drawn(BASE32, 16, "otp"),
        drawn(BASE32, 16, "otp"),
    ),
    Example(
        "slack-webhook",
        "webhook",
        "https://hooks.slack.com/services/T00000000/B00000000/" + drawn(BASE62, 24, "hook"),
        drawn(BASE62, 24, "hook"),
    ),
    Example(
        "discord-webhook",
        "webhook",
        "https://discordapp.com/api/webhooks/000000000000000000/" + drawn(URL64, 68, "hook"),
        drawn(URL64, 68, "hook"),
    ),
    Example(
        "office-webhook",
        "webhook",
        "https://x.webhook.office.com/webhookb2/0@0/IncomingWebhook/" + drawn(HEX, 32, "office"),
        drawn(HEX, 32, "office"),
    ),
    Example(
        "zapier-webhook",
        "webhook",
        "https://hooks.zapier.com/hooks/catch/000000/" + drawn(HEX, 7, "zapier"),
        drawn(HEX, 7, "zapier"),
    ),
    Example(
        "signed-url",
        "signature",
        "https://x.example/b?sv=2026&se=2027&sig=" + drawn(BASE62, 43, "sas") + "%3D",
        drawn(BASE62, 43, "sas"),
    ),
    Example(
        "grafana-service",
        "Grafana",
        "glsa_" + drawn(BASE62, 32, "glsa") + "_0a1b2c3d",
        drawn(BASE62, 32, "glsa"),
    ),
    Example("mailchimp", "Mailchimp", drawn(HEX, 32, "mc") + "-us12", drawn(HEX, 32, "mc")),
    Example("twilio", "Twilio", f"AC{'0' * 32}:{drawn(HEX, 32, 'tw')}", drawn(HEX, 32, "tw")),
    Example(
        "key-in-base64",
        "private key",
        encoded(private_key("RSA PRIVATE KEY")).rstrip("="),
        encoded(private_key("RSA PRIVATE KEY")).rstrip("="),
    ),
    Example("jwt", "JSON Web Token", web_token("jwt"), drawn(URL64, 43, "jwt")),
    Example("jwt-es256", "JSON Web Token", web_token("es", "ES256"), drawn(URL64, 43, "es")),
    Example(
        "ksef",
        "KSeF",
        "20261112-EC-C8D0B91EB9-875E1673B7-2D|nip-6741665941|" + drawn(HEX, 64, "ksef"),
        drawn(HEX, 64, "ksef"),
    ),
)

LABELS = (
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
)

# What only the words around it give away. The last column is the secret.
CONTEXTS = (
    *(
        Example(name, kind, text.replace("SECRET", secret), secret)
        for name, kind, text, secret in (
            ("assignment", "password", "password: SECRET", _PASSWORD),
            ("environment", "password", "PGPASSWORD=SECRET psql", _PASSWORD),
            ("quoted", "password", "db_password = 'SECRET'", "correct 1 horse"),
            (
                "conninfo",
                "password",
                "host=db.example user=x password = SECRET dbname=y",
                _PASSWORD,
            ),
            ("ado", "password", "Server=db.example;User Id=x;Pwd=SECRET;", _PASSWORD),
            (
                "jdbc",
                "password",
                "jdbc:postgresql://db.example/x?user=x&password=SECRET",
                _PASSWORD,
            ),
            ("french", "password", "mot de passe : SECRET", _PASSWORD),
            ("polish", "password", "hasło: SECRET", _PASSWORD),
            ("ukrainian", "password", "Пароль: SECRET", _PASSWORD),
            ("said", "password", "the password is SECRET (change it)", _PASSWORD),
            ("said-of", "password", "hasło do bazy jest SECRET", _PASSWORD),
            ("login-pass", "password", "login ops / pass SECRET", "crane*" + "CRANE385"),
            ("option", "password", "tool --password SECRET", _HARD),
            ("netrc", "password", "machine db.example login x password SECRET", _PASSWORD),
            ("pgpass", "password", "db.example:5432:bfg:ops:SECRET", _PASSWORD),
            ("curl", "password", "curl -s -u ops:SECRET https://api.example", _PASSWORD),
            ("create-role", "password", "CREATE ROLE x LOGIN PASSWORD 'SECRET';", "swordfish"),
            ("identified", "password", "ALTER USER x IDENTIFIED BY 'SECRET';", "swordfish"),
            ("mapping", "password", "OPTIONS (user 'x', password 'SECRET')", _PASSWORD),
            ("bearer", "token", "Authorization: Bearer SECRET", _HARD),
            ("short-bearer", "token", "authorization: bearer SECRET", "mF_9." + "B5f-4.1JqM"),
            ("header-token", "token", "Authorization: Token SECRET", _HARD),
            ("basic", "login", "Authorization: Basic SECRET", _LOGIN),
            ("docker", "login", '"auth": "SECRET"', _LOGIN),
            (
                "cookie",
                "cookie",
                "Set-Cookie: sessionid=SECRET; HttpOnly",
                drawn(HEX, 40, "cookie"),
            ),
            ("aws-secret", "secret", "aws_secret_access_key = SECRET", drawn(BASE64, 40, "aws")),
            (
                "aws-one-digit",
                "secret",
                "secretAccessKey: SECRET",
                "wJalrXUtnFEMI/K7" + "MDENGbPxRfiCY",
            ),
            ("azure-storage", "secret", "AccountKey=SECRET==", drawn(BASE64, 86, "azure")),
            ("wireguard", "secret", "PrivateKey = SECRET=", drawn(BASE64, 43, "wg")),
            ("client-secret", "secret", '"client_secret": "SECRET"', drawn(BASE62, 40, "client")),
            ("api-key", "secret", "X-Api-Key: SECRET", drawn(BASE62, 32, "api")),
            ("auth-token", "secret", "auth_token: SECRET", drawn(HEX, 32, "auth")),
            ("kubernetes", "secret", "data: {token: SECRET}", encoded(_HARD + _HARD).rstrip("=")),
            ("vault-old", "secret", "VAULT_TOKEN=s.SECRET", drawn(BASE62, 24, "vault")),
        )
    ),
)

# What looks like a credential and is none: all of it must pass.
LOOK_ALIKES = (
    '{"MDP": -1e+16}',
    "password: +1.5e-07",
    "sha256: " + drawn(HEX, 64, "digest"),
    "secret_sha256: " + drawn(HEX, 64, "digest"),
    "commit " + drawn(HEX, 40, "commit"),
    "token_id: 81def4e2-dbd9-4332-b831-86c58b765051",
    "client_secret: 81def4e2-dbd9-4332-b831-86c58b765051",
    "id: 01J61YG0RY642NZ3752TPWFJ45",
    "payload: " + encoded("operations,finance,audit"),
    "data:image/png;base64," + drawn(BASE64, 200, "image"),
    "integrity: sha512-" + drawn(BASE64, 86, "sri") + "==",
    "x@sha256:" + drawn(HEX, 64, "image"),
    "docker://nginx:1.27@sha256:" + drawn(HEX, 64, "image"),
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + drawn(BASE64, 43, "ssh"),
    private_key("CERTIFICATE"),
    private_key("PUBLIC KEY"),
    private_key("PGP SIGNATURE"),
    "a file that begins with -----BEGIN PRIVATE KEY----- is refused",
    "-----BEGIN PRIVATE KEY-----\n[redacted]\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----...-----END RSA PRIVATE KEY-----",
    "redacted: hmac:5f2b0c4d",
    "reference: vault:bfg/live/db",
    "postgres://bfg_app:hmac:5f2b0c4d@db.bfg.example/bfg",
    "postgres://bfg_app:********@db.bfg.example/bfg",
    "postgres://bfg_app:[REDACTED]@db.bfg.example/bfg",
    "postgres://bfg_app:xxxxx@db.bfg.example/bfg",
    "postgres://bfg_app:S4j***@db.bfg.example/bfg",
    "postgres://bfg_app:<password>@db.bfg.example/bfg",
    "postgres://user:password@host/db",
    "postgres://USER:PASSWORD@HOST/DB",
    "postgres://u:${DB_PASSWORD}@db/bfg",
    "postgres://u:$PGPASSWORD@db/bfg",
    "postgres://u:{{password}}@db/bfg",
    "postgres://u:%s@db/bfg",
    "postgres://u:%(password)s@db/bfg",
    "postgres://bfg_app:@db.bfg.example/bfg",
    "postgres://bfg_app@db.bfg.example:5432/bfg",
    "postgresql://db.bfg.example:5432/bfg?user=a@b.example",
    "http://[2001:db8::1]:8080/@x",
    "https://social.example/@anna:photos",
    "ssh://git@git.bfg.example:2222/flow.git",
    "['http://db.example:80','ops@bfg.example']",
    "scp report.md ops@files.bfg.example:/srv/in",
    'between "-----BEGIN PRIVATE KEY-----" and the end',
    "passwd 1:4.13+dfsg1-1+deb12u1",
    "nextPageToken: " + drawn(BASE64, 40, "page"),
    "arn:aws:secretsmanager:x-1:000000000000:secret:" + drawn(BASE62, 20, "arn"),
    "address: 2001:db8:1234:1a00:3304:8879:34cf:4071",
    "postgres://bfg_app:%2A%2A%2A@db.bfg.example/bfg",
    "postgres://bfg_app:CHANGE_ME@db.bfg.example/bfg",
    "arn:aws:secretsmanager:eu-west-1:000000000000:secret:bfg/production/db-a1B2c3",
    "password: '@Microsoft.KeyVault(SecretUri=https://x1.vault.example/secrets/db1/)'",
    "password: '#{db_password1}'",
    "password: __DB_PASSWORD_1__",
    "password: varchar255",
    "tls.crt: " + encoded(private_key("CERTIFICATE")),
    "signed: https://x.example/b?signature=1&sig=unknown",
    "password: see the vault",
    "password: required",
    "password: ********",
    "password: null",
    "password: ${{ secrets.DB_PASSWORD }}",
    "password: {type: string, minLength: 12}",
    "password: scram-sha-256",
    "password: 2026-11-23",
    "password: 90d",
    "password: op://bfg/database/password",
    "password_file: /run/secrets/db2_password",
    "env: PGPASSWORD",
    "password=os.environ['PG1']",
    "Le mot de passe est conservé dans le coffre.",
    "the password is rotated every 30 days",
    "ALTER ROLE bfg_app PASSWORD NULL;",
    "ALTER ROLE bfg_app PASSWORD :'new_password';",
    "CREATE ROLE bfg_app PASSWORD '{{ password }}';",
    "A bearer token is asked for at the gateway.",
    "Authorization: Bearer <token>",
    "Authorization: Bearer $TOKEN",
    "Authorization: Basic ...",
    "auth: mock-auth-header",
    "auth: c2VydmljZS13b3JrZXI=",
    "token: str",
    "token: mock-session-token-2026",
    "secret: bfg-database-credentials-2026",
    "secretName: db-credentials",
    "tokens that start with ghp_ are refused",
    "ghp_" + "x" * 36,
    "ghp_" + "*" * 36,
    "key = AKIA****************",
    "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}",
    r"^hvs\.[A-Za-z0-9_-]{24,}$",
    r"(?i)password\s*[:=]\s*\S+",
    "eyJustAName.of.something",
    "20261112-EC-C8D0B91EB9-875E1673B7-2D",
    "fingerprint: 41:CD:38:E4:12:F6:7C:FD:AC:D2",
    "cache.example:6379:primary:replica:node",
    "{type: apiKey, in: header, name: X-Api-Key}",
    "rule: scenario.token == 'x' && evidence.password != ''",
    "idempotency-key: " + drawn(HEX, 32, "idempotency"),
    "provider-selection/tenant-secrets-boundary",
)
