"""What a YAML value is: 1.2's core types, and the scalars that 1.1 would read differently."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.errors import SourceError
from bfg_policy.source import parse_document
from tests.source.marked import assert_one

CORE = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
    ("true", True), ("True", True), ("TRUE", True), ("tRue", "tRue"), ("false", False),
    ("False", False), ("FALSE", False),
    ("0", 0), ("7", 7), ("-7", -7), ("+7", 7), ("007", 7), ("0x1F", 31),
    ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
    ("00000000000000000000000000000000000000000000000000001", 1),
    ("1.5", 1.5), ("-1.5", -1.5), (".5", 0.5), ("1.", 1.0), ("1.5e+3", 1500.0), ("1.10", 1.1),
    ("1.0.0", "1.0.0"), ("1e", "1e"), ("0x", "0x"), ("0xg", "0xg"), ("1,5", "1,5"), (".", "."),
    ("+", "+"), ("--", "--"), ("1-2", "1-2"), ("30d", "30d"), ("٣", "٣"),
    ("2026-11-23", "2026-11-23"), ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
    ("07:30", "07:30"), ("x:y", "x:y"), ("=", "="), ("nothing", "nothing"),
    ("yesterday", "yesterday"), ("nan", "nan"), ("inf", "inf"), ("é", "é"), ("𝄞", "𝄞"),
]  # fmt: skip

AMBIGUOUS = [
    *((word, word, "the boolean true") for word in ("y", "Y", "yes", "Yes", "YES", "on", "On")),
    *((word, word, "the boolean false") for word in ("n", "N", "no", "No", "NO", "off", "OFF")),
    ("012", 12, "the integer 10"),
    ("-012", -12, "the integer -10"),
    ("08", 8, "a string"),
    ("0o17", 15, "a string"),
    ("0b11", "0b11", "the integer 3"),
    ("1_000", "1_000", "the integer 1000"),
    ("0_0", "0_0", "the integer 0"),
    ("0x_ff", "0x_ff", "the integer 255"),
    ("-0x1F", "-0x1F", "the integer -31"),
    ("1:30", "1:30", "the integer 90"),
    ("-1:30", "-1:30", "the integer -90"),
    ("22:30:00", "22:30:00", "the integer 81000"),
    ("1:30.5", "1:30.5", "the number 90.5"),
    ("1_0.5", "1_0.5", "the number 10.5"),
    ("1e3", 1000.0, "a string"),
    ("1.5e3", 1500.0, "a string"),
]

NUMBERS_OUT_OF_RANGE = [
    "9223372036854775808", "-9223372036854775809", "7" * 5000, "0x8000000000000000",
    "0x" + "f" * 9000, "1e999", "-1.5e+999", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN",
]  # fmt: skip


@pytest.mark.parametrize(("written", "value"), CORE)
def test_plain_scalars_are_of_the_core_types(written: str, value: object) -> None:
    document = parse_document(f"k: {written}\n".encode(), "f")
    assert document.data == {"k": value}
    assert type(document.data["k"]) is type(value)
    assert document.ambiguous() == ()


@pytest.mark.parametrize("style", ["'{}'", '"{}"', "|-\n  {}", ">-\n  {}"])
@pytest.mark.parametrize("written", ["no", "012", "1:30", "~", "true", "1.10", "7", ".nan"])
def test_quoted_and_block_scalars_are_strings(written: str, style: str) -> None:
    document = parse_document(f"k: {style.format(written)}\n".encode(), "f")
    assert document.data == {"k": written}
    assert document.ambiguous() == ()


@pytest.mark.parametrize(("written", "value", "old"), AMBIGUOUS)
def test_what_yaml_11_reads_differently_is_remembered(
    written: str, value: object, old: str
) -> None:
    document = parse_document(f"a:\n  - {{b: {written}}}\n".encode(), "f")
    assert document.data == {"a": [{"b": value}]}
    (found,) = document.ambiguous()
    assert (found.path, found.raw, found.old) == (("a", 0, "b"), written, old)
    assert found.new.startswith("a string") == isinstance(value, str)


@pytest.mark.parametrize(("written", "_", "old"), [a for a in AMBIGUOUS if isinstance(a[1], str)])
def test_an_ambiguous_key_is_refused(written: str, _: object, old: str) -> None:
    assert_one(f"a: 1\n«{written}»: 2\n", "BFG109", f"`{written}` is {old} in YAML 1.1")


@pytest.mark.parametrize("written", NUMBERS_OUT_OF_RANGE)
def test_numbers_out_of_range_are_refused(written: str) -> None:
    finding = assert_one(f"a: 1\nk: «{written}» # comment\n", "BFG110", "quote it if it is a text")
    assert len(finding.message) < 120


def test_ambiguous_looks_below_a_path() -> None:
    document = parse_document(b"a: {b: no, c: [1:30, x]}\nd: off\n", "f")
    assert [found.path for found in document.ambiguous()] == [("a", "b"), ("a", "c", 0), ("d",)]
    assert [found.raw for found in document.ambiguous(("a",))] == ["no", "1:30"]
    assert [found.raw for found in document.ambiguous(("a", "c", 0))] == ["1:30"]
    assert document.ambiguous(("a", "c", 1)) == ()


@given(st.from_regex(r"[-+]?[0-9oxb_.:eE]{1,8}", fullmatch=True))
def test_what_is_not_ambiguous_is_the_same_in_a_yaml_11_reader(written: str) -> None:
    """PyYAML reads YAML 1.1 (but for a few slips of its own); where both agree nothing is said."""
    old = yaml.load(f"k: {written}", Loader=yaml.CSafeLoader)["k"] if _is_read(written) else None
    if old is None or not isinstance(old, (str, int, float)) or old in {math.inf, -math.inf}:
        return
    try:
        document = parse_document(f"k: {written}\n".encode(), "f")
    except SourceError:
        return
    new = document.data["k"]
    if type(new) is not type(old) or new != old:
        # PyYAML alone takes a sign before a bare `.5` for a string, and `1.e5` and the like.
        assert document.ambiguous() or isinstance(old, str), (written, old, new)


def _is_read(written: str) -> bool:
    try:
        return isinstance(yaml.load(f"k: {written}", Loader=yaml.CSafeLoader), dict)
    except (yaml.YAMLError, ValueError, KeyError):
        return False


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("form", ["{}", "'{}'", '"{}"', "|-\n  {}", ">-\n  {}"])
def test_only_cr_and_lf_end_lines(sign: str, form: str) -> None:
    text = f"x{sign}y{sign}{sign}z"
    document = parse_document(f"k: {form.format(text)}\nlast: 1\n".encode(), "f")
    assert document.data == {"k": text, "last": 1}
    assert document.place(("last",), key=True).line == form.count("\n") + 2


def test_stand_ins_do_not_collide_with_private_use_characters() -> None:
    """U+E000 stands in the text once raw, and U+E001 once as an escape."""
    document = parse_document('a: "\ue000\x85\\uE001"\n'.encode(), "f")
    assert document.data == {"a": "\ue000\x85\ue001"}


def test_a_text_that_uses_every_private_character() -> None:
    """Then nothing can stand in for U+0085, and the file is refused."""
    planes = [range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE)]
    every = "".join(chr(code) for codes in planes for code in codes)
    assert parse_document(f"a: '{every}'\n".encode(), "f").data == {"a": every}
    assert_one(f"a: '«\x85»{every}'\n", "BFG114", "private-use")
    almost = every.replace("\uf123", "")
    assert parse_document(f"a: '\x85{almost}'\n".encode(), "f").data == {"a": f"\x85{almost}"}
