"""Whether a text is worth a closer look: what every file costs, so few imports and two patterns.

A literal or pattern here matches somewhere in every text in which the tables find something; a
test holds the two together.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import re2

from bfg_policy.secrets.views import views

# Prefixes and other literals of `forms` and `armour`, which the case of letters is part of.
LITERALS = """
@ jdbc:oracle: otpauth hooks.slack hooks.zapier webhook.office discord sig= ignature=
AKIA ASIA ABIA ACCA IQoJb3Jp FwoGZXIv LTAI Q~ AIza GOCSPX- ya29.
dop_v1_ doo_v1_ dor_v1_ dapi dose dkea .atlasv1. hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa.
ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent-
gloas- glsoat- glffct- glwt- GR1348941 ATATT3 ATCTT3 ATBB npm_ pypi- rubygems_ dckr_
xoxa- xoxb- xoxc- xoxd- xoxe xoxo- xoxp- xoxr- xoxs- xapp- :AA sk_live_ sk_test_ sk_prod_ sk_org_
rk_live_ rk_test_ rk_prod_ whsec_ SG. key- -us xkeysib- xsmtpsib- shpat_ shpca_ shppa_ shpss_
shpua_ shptka_ sq0atp- sq0csp- glsa_ glc_ NRAK- sntrys_ sntryu_ ntn_ secret_ lin_api_ lin_oauth_
PMAK- sk-ant- sk-proj- sk-svcacct- sk-admin- sk-or- sk-lf- sk-None- gsk_ xai- pplx- csk- nvapi-
lsv2_ hf_ api_org_ r8_ eyJ AGE-SECRET-KEY- age-secret-key- |nip |internal |peppol PRIVATE PuTTY-
LS0tLS1CRUdJTi AC0 AC1 AC2 AC3 AC4 AC5 AC6 AC7 AC8 AC9 ACa ACb ACc ACd ACe ACf
"""
# A prefix that would stop at every `desk-` and `task-`.
_SHORT = "sk-[A-Za-z0-9]{16}"

# The words of `contexts`, whatever the case of their letters, with what must follow: of a value on
# the same line five signs, with which neither a mask nor a reference begins; on the next line a
# word that is no key.
_WORDS = (
    "(?:passwor[dt]|passwd|passphrase|passcode|pwd|mot de passe|mdp|has[lł]o|пароль|kennwort"
    "|contraseña|wachtwoord)s?"
)
_IS = (
    r"[\"'`\]]{0,2}[\s\x{a0}]*[:=][=>]?[ \t\x{a0}]*"
    r"(?:\\?[\"'`]?[^\s\"'`<>{}\[\]$(*/=|]{5}|[|>0-9+-]*\s+[\"']?(?:[^\s:\"']|:\S){4,}[\s\"'])"
)
_CONTEXT = "|".join(
    (
        f"(?:{_WORDS}|secrets?|token|credentials?|[a-z][-_. ]?key){_IS}",
        rf"(?:{_WORDS}|--pass|bearer|authorization:|basic|curl)\s",
        r"pass[ \t:=]+[\"'`]?[^\s\"'`]{8}|by\s+[\"']|cookie[\"']?\s*:|:(?:[0-9]{4,5}|\*):",
        r"auth[\"']?\s*[:=]\s*[\"']?[a-z0-9+/]{12}",
    )
)


def may_hold(text: str) -> bool:
    """Whether a text may hold a credential, in any of the ways to read it."""
    return any(may_hold_forms(read) or may_hold_contexts(read) for read, _ in views(text))


def may_hold_forms(text: str) -> bool:
    """Whether a text may hold a credential that its form gives away, as it stands."""
    return _literals().search(text) is not None


def may_hold_contexts(text: str) -> bool:
    """Whether a text may hold a credential that the words around it give away, as it stands."""
    return _context().search(text) is not None


@cache
def _literals() -> Any:
    plain = LITERALS.replace(".", r"\.").replace("|", r"\|")
    return re2.compile("|".join([*sorted(plain.split()), _SHORT]))


@cache
def _context() -> Any:
    return re2.compile(f"(?i){_CONTEXT}")
