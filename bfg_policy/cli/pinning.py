"""`--pin`: the certificate or the public key that a server must have before anybody logs in."""

from __future__ import annotations

import re

import click

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Pin(click.ParamType):  # type: ignore[type-arg]
    """A SHA-256 digest: 64 hexadecimal digits, with or without colons."""

    name = "sha256"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The digest in lower case without colons; a usage error where the text is none."""
        digest = str(value).replace(":", "").lower()
        if not _DIGEST.fullmatch(digest):
            self.fail(f"`{value}` is no SHA-256 digest of 64 hexadecimal digits", param, ctx)
        return digest


pin_option = click.option(
    "--pin",
    "pins",
    metavar="SHA256",
    type=Pin(),
    multiple=True,
    help="The server's certificate or public key must have this digest; repeatable, for a change.",
)
