"""Every output language's quoting, by the word of a real parser of that language."""

from __future__ import annotations

import io
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bfg_policy.rendering import quoting
from bfg_policy.rendering.quoting import Quoted, Refused

from .hostile import strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import psycopg

SLOW = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
A_SERVER = pytest.mark.slow


def accepted(quote: Callable[[object], Quoted], values: Iterable[str]) -> dict[str, str]:
    """What a language writes for those values that it takes."""
    taken: dict[str, str] = {}
    for value in values:
        with suppress(Refused):
            taken[value] = quote(value)
    return taken


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("env", "file-local", "file-local"),
        ("env", "aZ09_./:@,+-", "aZ09_./:@,+-"),
        ("env", "", ""),
        ("env", 7, "7"),
        ("env", True, "true"),
        ("line", "not recorded = yes, 'so'", "not recorded = yes, 'so'"),
        ("line", 1.5, "1.5"),
        ("sql_literal", "it's", "'it''s'"),
        ("sql_literal", "a\\b", "E'a\\\\b'"),
        ("sql_literal", "a\n'\u202e", "E'a\\n''\\u202e'"),
        ("sql_literal", "$x$", "E'\\u0024x\\u0024'"),
        ("sql_literal", "\U000e0041", "E'\\U000e0041'"),
        ("sql_identifier", 'Mixed "Case"', '"Mixed ""Case"""'),
        ("sql_comment", "source=a; b", "source=a; b"),
        ("html_comment", "a-->b --- c", "a-%2D%3Eb%20-%2D-%20c"),
        ("html_comment", "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
        ("html_comment", "é", "%C3%A9"),
    ],
)
def test_what_is_written(language: str, value: object, written: str) -> None:
    quoted = quoting.FILTERS[language](value)
    assert quoted == written
    assert isinstance(quoted, Quoted)


@pytest.mark.parametrize(
    ("language", "value", "why"),
    [
        *(("env", each, "it holds U+") for each in (" ", "a b", "$x", "é", "a\n", "'", "=", "#")),
        *(("line", each, "it holds U+") for each in ("a\nb", "\r", "\x00", "\u2028", "\u202e")),
        ("sql_literal", "\x00", "U+0000"),
        ("sql_literal", "\udc80", "U+DC80"),
        *(("sql_identifier", each, "U+") for each in ("a\nb", "\r", "\x00", "a\\b", "\u202e")),
        ("sql_identifier", "", "it is empty"),
        ("sql_identifier", "x" * 64, "63 bytes"),
        ("sql_identifier", "é" * 32, "63 bytes"),
        *(("sql_comment", each, "U+") for each in ("a\nb", "\r", "\x00", "\\! x", "\x0b", "\x85")),
        ("html_comment", "\udc80", "surrogate"),
        *((each, None, "nothing") for each in quoting.FILTERS),
        *((each, ["x"], "a list") for each in quoting.FILTERS),
        *((each, {"x": 1}, "a mapping") for each in quoting.FILTERS),
        *((each, object(), "not plain data") for each in quoting.FILTERS),
    ],
)
def test_what_is_refused(language: str, value: object, why: str) -> None:
    with pytest.raises(Refused, match=why.replace("+", r"\+")):
        quoting.FILTERS[language](value)


@pytest.mark.parametrize("language", ["env", "line", "sql_identifier", "sql_comment"])
def test_a_refusal_does_not_quote_the_value(language: str) -> None:
    with pytest.raises(Refused) as caught:
        quoting.FILTERS[language]("hunter2\\\nx")
    assert "hunter" not in str(caught.value)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(st.sampled_from(sorted("aZ9_./:@,+-")), max_size=8), max_size=30))
def test_env_files_mean_the_same_to_bash_and_dotenv(values: list[str]) -> None:
    _check_env_file([*values, *strings()])


def _check_env_file(values: list[str]) -> None:
    written = accepted(quoting.env, values)
    names = {f"X{index}": value for index, value in enumerate(written)}
    text = "".join(f"{name}={written[value]}\n" for name, value in names.items())
    assert dotenv_values(stream=io.StringIO(text), interpolate=True) == names
    show = "".join(f'printf "%s\\0" "${name}";' for name in names)
    shell = f"set -aeu\n{text}\n{show}"
    printed = subprocess.run(["bash", "-c", shell], capture_output=True, check=True, env={})
    assert printed.stdout.decode().split("\0")[:-1] == list(names.values())
    assert printed.stderr == b""


@given(st.text())
def test_a_line_stays_a_line(value: str) -> None:
    for language in ("line", "sql_comment"):
        for written in accepted(quoting.FILTERS[language], [value]).values():
            assert written == value
            assert len(f"{written}.".splitlines()) == 1


@given(st.text())
def test_an_html_comment_ends_where_the_template_ends_it(value: str) -> None:
    for written in accepted(quoting.html_comment, [value]).values():
        assert "--" not in written
        assert not set(written) & set(" <>!&\n")


def test_every_hostile_string_reads_back_from_sql(database: psycopg.Connection) -> None:
    _check_literals(database, strings())
    _check_identifiers(database, strings())
    _check_comments(database, strings())


@A_SERVER
@SLOW
@given(values=st.lists(st.text(), min_size=1, max_size=40))
def test_any_text_reads_back_from_sql(database: psycopg.Connection, values: list[str]) -> None:
    _check_literals(database, values)
    _check_identifiers(database, values)
    _check_comments(database, values)


def _check_literals(database: psycopg.Connection, values: Iterable[str]) -> None:
    written = accepted(quoting.sql_literal, values)
    for setting in ("on", "off"):
        database.execute(f"SET standard_conforming_strings = {setting}")
        database.execute("SET escape_string_warning = off")
        query = "SELECT " + ", ".join(written.values()) if written else "SELECT"
        row = database.execute(query.encode()).fetchone()
        assert list(row or ()) == list(written)
        lines = quoting.sql_lines(written)
        assert lines.count("\n") == max(0, len(written) - 1)
        joined = database.execute(f"SELECT {lines}".encode()).fetchone()
        assert joined == ("".join(written),)
        # Neither ends a dollar-quoted body that it stands in.
        assert not [each for each in (*written.values(), lines) if "$" in each]
    assert set(written) == {each for each in values if not _unstorable(each)}


def _unstorable(value: str) -> bool:
    return any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value)


def _check_identifiers(database: psycopg.Connection, values: Iterable[str]) -> None:
    written = accepted(quoting.sql_identifier, values)
    query = "SELECT " + ", ".join(f"1 AS {each}" for each in written.values())
    columns = database.execute(query.encode()).description or []
    assert [column.name for column in columns] == list(written)


def _check_comments(database: psycopg.Connection, values: Iterable[str]) -> None:
    for written in accepted(quoting.sql_comment, values).values():
        query = f"SELECT 1 -- {written}\n + 1"
        assert database.execute(query.encode()).fetchone() == (2,)
