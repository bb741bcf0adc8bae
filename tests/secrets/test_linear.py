"""However long a text is, and whatever is in it: a look at it takes time in proportion."""

from __future__ import annotations

import time

import pytest

from bfg_policy.secrets import mask, sightings
from tests.secrets.examples import drawn

MEGABYTE = 1_000_000
REPEATED = {
    "plain": "  - {id: user_md_anna, name: Anna Kowalska, desk: Control}\n",
    "backslashes": "\\\\",
    "escapes": "\\u0142",
    "line joins": "\\\n    ",
    "at signs": "a@b ",
    "logins": "p@",
    "URLs": "postgres://u:p@h ",
    "ends of URLs": "postgres://u:" + "p@" * 1000,
    "ports": "http://host:80/x@y ",
    "words": "password: x1 ",
    "empty words": 'password="',
    "not ASCII": "😀é password: zażółć ",
    "headers": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "keys": "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "QUJD" * 12 + "\n",
    "prefixes": "ghp_ eyJ AKIA ",
    "tokens": "ghp_" + "a1B2" * 9 + " ",
    "assignments": "secret=" + "aB3" * 10 + " ",
    "dots": "eyJhbGciOiJIUzI1NiJ9.",
    "cookies": "cookie: a=b; ",
    "commands": "curl -u login user pass ",
    "encoded": "%3A%2F%2F",
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_megabyte_takes_less_than_two_seconds(name: str) -> None:
    piece = REPEATED[name]
    text = piece * (MEGABYTE // len(piece))
    before = time.process_time()
    mask(text, sightings(text))
    assert time.process_time() - before < 2


def test_a_secret_of_a_megabyte_is_hidden() -> None:
    secret = drawn("abcdefgh", MEGABYTE, "long")
    text = f"postgres://u:{secret}@h"
    assert mask(text, sightings(text)) == f"postgres://u:{'*' * MEGABYTE}@h"
