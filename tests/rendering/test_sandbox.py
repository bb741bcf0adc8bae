"""Templates of strangers: no way to Python, no work without end, nothing written unquoted."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bfg_policy.errors import RenderError
from bfg_policy.rendering import undefined
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import Renderer

CONTEXT = {
    "name": "value",
    "two words": "x",
    "blank": "a b",
    "nothing": None,
    "number": 3,
    "yes": True,
    "half": 0.5,
    "items": {"keys": "of the mapping", "b": 2},
    "list": [{"id": "a|b", "n": 1}, {"id": "c", "n": 2}],
    "many": list(range(1000)),
    "long": "x" * 100_000,
}


def rendered(template: str, **templates: str) -> str:
    return Renderer({"t": template, **templates}, {}).render("t", CONTEXT)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ name | env }}", "value"),
        ("{{ items.keys | line }}", "of the mapping"),
        ("{{ items['b'] }}", "2"),
        ("{{ list[0].id | md }}", "`a`&#124;`b`"),
        ("{{ list[-1].id | line }}", "c"),
        ("{{ number + 1 }} {{ number - 4 }}", "4 -1"),
        ("{{ list | map(attribute='n') | sum }}", "3"),
        ("{{ list | length }}", "2"),
        ("{{ list | map(attribute='id') | map('md') | join(', ') }}", "`a`&#124;`b`, `c`"),
        ("{{ 'a constant' }}", "a constant"),
        ("{{ 'no' if yes else name }}", "no"),
        ("{{ (name ~ '.x') | md }}", "`value.x`"),
        ("{{ (name | env) ~ '!' ~ 3 }}", "value!3"),
        ("{{ half | line }}", "0.5"),
        ("{{ yes | line }}", "true"),
        ("{% for k, v in items | items %}{{ k | env }}={{ v | env(*[]) }}{% endfor %}", None),
        (
            "{% for x in list if x.n > 1 %}{{ loop.index }}{{ loop.last | line }}{% endfor %}",
            "1true",
        ),
        ("{% if 'val' in name and list is sequence and nope is not defined %}y{% endif %}", "y"),
        ("{% macro m(x) %}<{{ x | env }}>{% endmacro %}{{ m(name) }}", "<value>"),
        ("{% macro m() %}({{ caller() }}){% endmacro %}{% call m() %}x{% endcall %}", "(x)"),
        ("{{ recorded(items, 'b') }}", "2"),
        ("{{ recorded(items, 'c', 'd') | line }}", "not recorded"),
        ("{{ recorded(list, 0, 'id') | line }}", "a|b"),
        ("{{ recorded(list, 9, 'id') | line }}", "not recorded"),
        ("{{ recorded(nothing, default='-') }}", "-"),
        (
            "{{ 1 | plural('gate', 'gates') }}, {{ 32 | plural('gate', 'gates') }}",
            "1 gate, 32 gates",
        ),
        ("{{ {'en': 'a', 'fr': 'b'} | text('fr') | md_text }}", "b"),
        ("{{ {'fr': 'b', 'de': 'c'} | text | md_text }}", "c"),
        ("{{ {} | text | md_text }}", ""),
        ("{# a comment #}\n{% if yes %}\nline\n{% endif %}\n", "line\n"),
    ],
)
def test_what_templates_can_do(template: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(RenderError):
            rendered(template)
    else:
        assert rendered(template) == text


def test_templates_build_on_one_another() -> None:
    base = "<{% block a %}base {{ name | env }}{% endblock %}>{% include 'part' %}"
    child = "{% extends 'engine/base' %}{% block a %}{{ super() }} and child{% endblock %}"
    renderer = Renderer({"child": child, "part": "(part)"}, {"base": base})
    assert renderer.render("child", CONTEXT) == "<base value and child>(part)"
    assert renderer.known("engine/base")
    assert not renderer.known("base")


ATTACKS = [
    ("{{ ''.__class__ }}", "`__class__` cannot be asked of text"),
    ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "`__class__`"),
    ("{{ list.__init__.__globals__ }}", "`__init__` cannot be asked of a list"),
    ("{{ items['__class__'] | md }}", "no `__class__`"),
    ("{{ recorded.__globals__ }}", "`__globals__`"),
    ("{{ items.update({'a': 1}) }}", "no `update`"),
    ("{{ list.append(1) }}", "`append`"),
    ("{{ name.format(1) }}", "`format`"),
    ("{{ '%s' | format(name) }}", "no filter `format`"),
    ("{{ name | attr('upper') }}", "no filter `attr`"),
    ("{{ list | map(attribute='__class__') | list | length }}", None),
    ("{{ list | map(attribute='__class__') | map('md') | join }}", "no `__class__`"),
    ("{{ list | groupby('__class__') | list | length }}", "__class__"),
    ("{{ self.__init__ }}", "`__init__`"),
    ("{{ self._TemplateReference__context }}", "cannot be asked"),
    ("{{ loop.__class__ }}", "no `loop`"),
    ("{% for x in list %}{{ loop.__class__ }}{% endfor %}", "`__class__`"),
    ("{% for x in list %}{{ loop.cycle(1) }}{% endfor %}", "`cycle`"),
    ("{% for x in list %}{{ loop(list) }}{% endfor %}", "cannot be called"),
    ("{% macro m() %}{% endmacro %}{{ m.__call__ }}", "`__call__`"),
    (
        "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
        "__globals__",
    ),
    ("{{ name() }}", "cannot be called"),
    *((f"{{{{ {each}() }}}}", f"no `{each}`") for each in ("cycler", "joiner", "lipsum", "range")),
    *((f"{{{{ {each}() }}}}", f"no `{each}`") for each in ("dict", "namespace", "open", "eval")),
    ("{% include '/etc/passwd' %}", "no template `/etc/passwd`"),
    ("{% include '../pack.yaml' %}", "no template `../pack.yaml`"),
    ("{% include name %}", "has to be named by a text"),
    ("{% extends 'x' * 9 %}", "has to be named by a text"),
    ("{% import 'x' as x %}", "`Import` is not part"),
    ("{% from 'x' import y %}", "`FromImport` is not part"),
    ("{% set items.a = 1 %}", "`NSRef` is not part"),
    ("{% filter upper %}x{% endfilter %}", "`FilterBlock` is not part"),
    ("{{ 2 ** 64 }}", "`Pow` is not part"),
    ("{{ name * 100 }}", "`Mul` is not part"),
    ("{{ list + list }}", "for whole numbers"),
    ("{{ name + name }}", "for whole numbers"),
    ("{{ yes + 1 }}", "for whole numbers"),
    ("{% do items %}", "unknown tag 'do'"),
    ("{% debug %}", "unknown tag 'debug'"),
]


@pytest.mark.parametrize(("template", "words"), ATTACKS)
def test_there_is_no_way_out(template: str, words: str | None) -> None:
    if words is None:
        assert rendered(template) == "2", "a list of names that are not there, and nothing else"
        return
    with pytest.raises(RenderError) as caught:
        rendered(template)
    (finding,) = caught.value.findings
    assert finding.code == "BFG601"
    assert words in finding.message


LOOPS = "{% for a in many %}{% for b in many %}{% for c in many %}{{ 1 }}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (LOOPS + "{% endfor %}", "steps"),
        ("{% for a in many %}{% if 'zz' in long %}{% endif %}{% endfor %}", "steps"),
        ("{% for a in many %}{{ long | md }}{% endfor %}", "steps"),
        ("{% for a in many %}{{ long | list | length }}{% endfor %}", "steps"),
        ("{% set a = long %}" + "{% set a = a ~ a %}" * 40, "characters"),
        ("{% set a = long %}" + "{% set a = [a, a] | join %}" * 40, "characters"),
        ("{% set a = 9 %}" + "{% set a = a + a %}" * 99, "a number becomes too large"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nests too deeply"),
        (
            (
                "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}"
                "{{ m(99) }}"
            ),
            "steps",
        ),
        ("{% extends 't' %}", "nests too deeply"),
        ("{% include 't' %}", "nests too deeply"),
        (
            (
                "{% set n = n + 1 if n is defined else 0 %}"
                "{% if n < 99 %}{% include 't' %}{% include 't' %}{% endif %}"
            ),
            "steps",
        ),
        ("{% for a in many %}" * 30 + "{% endfor %}" * 30, "nests too deeply"),
        ("{{ " + "(" * 5000 + "name" + ")" * 5000 + " | md }}", "nests too deeply"),
        ("{{ " + "-" * 5000 + "1 }}", "nests too deeply"),
        ("{% for a in list recursive %}{{ loop(list) }}{% endfor %}", "cannot call itself"),
        ("x" * (Limits().source + 1), "longer than"),
    ],
    ids=range(17),
)
def test_there_is_no_work_without_end(template: str, words: str) -> None:
    with pytest.raises(RenderError) as caught:
        rendered(template)
    (finding,) = caught.value.findings
    assert finding.code == "BFG601"
    assert words in finding.message


def test_the_output_is_bounded() -> None:
    limits = Limits(written=1000)
    renderer = Renderer({"t": "{% for x in many %}12345{% endfor %}"}, {}, limits)
    with pytest.raises(RenderError, match="more than 1000 characters"):
        renderer.render("t", CONTEXT)
    assert len(renderer.render("t", {"many": [1] * 200})) == 1000


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ name }}", "in the output: it is text that no filter has quoted"),
        ("{{ name ~ 'x' }}", "in the output: it is text that no filter has quoted"),
        ("{{ [name, 'x'] | join }}", "in the output: it is text that no filter has quoted"),
        ("{{ list }}", "in the output: it is no text"),
        ("{{ nothing }}", "in the output: it is no text"),
        ("{{ yes }}", "in the output: it is no text"),
        ("{{ recorded }}", "in the output: it is no text"),
        ("{{ blank | env }}", "in an env file: it holds U+0020 (a blank)"),
        ("{{ nothing | md }}", "in Markdown: it is nothing (null), not text"),
        ("{{ [list] | join }}", "in a joined text: a part of it is a list"),
    ],
)
def test_only_quoted_text_is_written(template: str, message: str) -> None:
    with pytest.raises(RenderError) as caught:
        rendered(f"line 1\n\n{template}\n")
    (finding,) = caught.value.findings
    assert finding.code == "BFG602"
    assert message in finding.message
    assert finding.place[:3] == ("templates/t.j2", 3, None)
    assert finding.place.excerpt == template
    assert finding.note == "so `t` is not rendered"


@pytest.mark.parametrize(
    ("template", "message", "line"),
    [
        ("\n{{ nmae | md }}", "there is no `nmae`; did you mean `name`?", 2),
        ("\n\n{{ items.kesy | md }}", "there is no `kesy`; did you mean `keys`?", 3),
        ("{{ list[7].id | md }}", "there is no item 7 in a list of 2", 1),
        ("{{ nmae.x.y | md }}", "there is no `nmae`", 1),
        ("{{ recorded(nmae, 'x') | md }}", "there is no `nmae`", 1),
        ("a\n{% if %}", "Expected an expression", 2),
        ("a\n{{ name | nofilter }}", "there is no filter `nofilter`", 2),
        ("a\n{% if name is notest %}{% endif %}", "there is no test `notest`", 2),
        ("a\n{% if yes %}\n{{ name | emv }}{% endif %}", "did you mean `env`?", 3),
        ("a\n\n{{ [1, 'a'] | sort | length }}", "not supported between", 3),
    ],
)
def test_a_fault_is_told_at_its_line(template: str, message: str, line: int) -> None:
    with pytest.raises(RenderError) as caught:
        rendered(template)
    (finding,) = caught.value.findings
    assert finding.code == "BFG601"
    assert message in finding.message
    assert finding.place.line == line
    assert finding.place.excerpt == template.splitlines()[line - 1]


def test_a_fault_in_another_template_is_told_there() -> None:
    with pytest.raises(RenderError) as caught:
        rendered("{% include 'part' %}", part="\n{{ nmae | md }}")
    assert str(caught.value.findings[0].place) == "templates/part.j2:2"


def test_jinja_is_imported_only_where_something_is_rendered() -> None:
    program = (
        "import sys, bfg_policy.rendering.renderer, bfg_policy.packets, bfg_policy.reporters.text,"
        " bfg_policy.reporters.json; sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "template",
    [
        "{% macro m() %}{% endmacro %}{% for a in many %}{{ m() }}{% endfor %}",
        "{% for a in many %}{% include 'part' %}{% endfor %}",
        "{% for a in many %}{{ recorded(a) }}{% endfor %}",
    ],
)
def test_calls_and_inclusions_cost_more_than_a_turn(template: str) -> None:
    renderer = Renderer({"t": template, "part": ""}, {}, Limits(steps=8000))
    with pytest.raises(RenderError, match="more than 8000 steps"):
        renderer.render("t", CONTEXT)
    turns = Renderer({"t": "{% for a in many %}{% endfor %}"}, {}, Limits(steps=8000))
    assert turns.render("t", CONTEXT) == ""


# Small in memory; whoever looks at all that is in it looks at 16,384 values.
LISTS = "{% set l = [1] %}{% set m = [1] %}" + "{% set l = [l, l] %}{% set m = [m, m] %}" * 14
PAIRS = "{% set t = (1, 2) %}" + "{% set t = (t, t) %}" * 14
TEXT = "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 14
STEPS = Limits(steps=8000)


@pytest.mark.parametrize(
    "template",
    [
        LISTS + "{% if l == m %}{% endif %}",
        LISTS + "{% if 1 < 2 < 3 == l == m %}{% endif %}",
        LISTS + "{% if l in [m] %}{% endif %}",
        LISTS + "{% if 1 not in [l, m] %}{% endif %}",
        LISTS + "{% if l is eq m %}{% endif %}",
        LISTS + "{% if l is in [m] %}{% endif %}",
        LISTS + "{% if 1 is in [m] %}{% endif %}",
        LISTS + "{{ [l] | select('eq', m) | list | length }}",
        LISTS + "{{ [{'a': l}] | selectattr('a', 'in', [m]) | list | length }}",
        LISTS + "{{ [l, m] | max | length }}",
        LISTS + "{{ [l, m] | sort | length }}",
        LISTS + "{{ [{'a': l}, {'a': m}] | groupby('a') | length }}",
        LISTS + "{{ l | plural('a', 'b') }}",
        LISTS + "{{ 1 | plural('a', l) }}",
        PAIRS + "{{ {t: 1} | length }}",
        PAIRS + "{{ [t, t] | unique | list | length }}",
        PAIRS + "{{ {} | text(t) }}",
        PAIRS + "{{ {} | text(language=t) }}",
        PAIRS + "{{ recorded(items, t) }}",
        PAIRS + "{% if t in items %}{% endif %}",
        TEXT + "{% for x in many %}{% if a == x %}{% endif %}{% endfor %}",
        TEXT + "{% for x in many %}{% if 1 is eq a or a is eq 1 %}{% endif %}{% endfor %}",
        TEXT + "{{ [a, a, a, a, a, a, a, a, a] | min | length }}",
        TEXT + "{{ ['yy'] | select('in', a) | list }}",
        "{{ many" + " | select" * 20 + " | list | length }}",
        "{{ many | map(attribute='x.y.z.a.b.c.d') | list | length }}",
        TEXT + "{% for x in many %}{% if [1] | map(attribute=a) %}{% endif %}{% endfor %}",
        TEXT + "{% for x in many %}{% if [1] | sort(false, false, a) %}{% endif %}{% endfor %}",
    ],
    ids=range(28),
)
def test_what_is_looked_at_is_counted_however_small_it_is_in_memory(template: str) -> None:
    deep = {"x": {"y": {"z": {"a": {"b": {"c": {"d": 1}}}}}}}
    context = {**CONTEXT, "many": [deep] * 1000}
    with pytest.raises(RenderError, match="more than 8000 steps"):
        Renderer({"t": template}, {}, STEPS).render("t", context)


LONG = "{% if many %}{% endif %}" * 200
CALLED = "{{% for a in many %}}{{% if {} %}}{{% endif %}}{{% endfor %}}"


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in many %}" + LONG + "{% endfor %}",
        "{% for a in many if [" + "1, " * 400 + "] == many %}{% endfor %}",
        "{% macro m() %}" + LONG + "{% endmacro %}" + CALLED.format("m()"),
        "{% macro m() %}"
        + CALLED.format("caller()")
        + "{% endmacro %}{% call m() %}"
        + LONG
        + "{% endcall %}",
        "{% extends 'whole' %}{% block b %}" + CALLED.format("super()") + "{% endblock %}",
        "{% for a in many %}{% include 'long' %}{% endfor %}",
    ],
    ids=["loop", "filtered loop", "macro", "call", "block", "inclusion"],
)
def test_a_turn_costs_what_stands_in_it(template: str) -> None:
    context = {**CONTEXT, "many": list(range(100))}
    whole = "{% block b %}" + LONG + "{% endblock %}"
    renderer = Renderer({"t": template, "long": LONG, "whole": whole}, {}, Limits(steps=3500))
    with pytest.raises(RenderError, match="more than 3500 steps"):
        renderer.render("t", context)
    once = Renderer({"t": LONG}, {}, Limits(steps=100))
    assert once.render("t", context) == ""


def test_the_size_of_a_long_list_is_no_work() -> None:
    template = "{% for a in many %}{{ many | length }}{% if many | first %}{% endif %}{% endfor %}"
    renderer = Renderer({"t": template}, {}, STEPS)
    assert renderer.render("t", {"many": [1] * 1000}) == "1000" * 1000


def test_what_could_have_been_meant_is_sought_only_for_a_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sought: list[str] = []

    def noted(word: str, _: object) -> str:
        sought.append(word)
        return ""

    monkeypatch.setattr(undefined, "did_you_mean", noted)
    assert rendered("{{ 1 if items.nam is defined or nam is defined else 2 }}") == "2"
    assert sought == []
    with pytest.raises(RenderError, match="there is no `nam`"):
        rendered("{{ nam | line }}")
    assert sought == ["nam"]


def test_a_name_among_numbers_is_not_there_as_any_other() -> None:
    assert rendered("{{ 1 if {1: 2}.x is defined else 2 }}") == "2"
    with pytest.raises(RenderError, match="there is no `x`"):
        rendered("{{ {1: 2}.x | line }}")


def test_what_stands_in_brackets_is_a_name_or_a_number() -> None:
    with pytest.raises(RenderError, match="what stands in the brackets is this"):
        rendered(PAIRS + "{{ items[t] | line }}")
    with pytest.raises(RenderError) as caught:
        rendered(TEXT + "{{ items[a] | line }}")
    assert len(caught.value.findings[0].message) < 200


def test_the_texts_on_the_way_are_bounded_in_all() -> None:
    limits = Limits(written=1000)
    made = "{% set a = name | line %}" + "{% set a = a ~ a %}" * 6
    with pytest.raises(RenderError, match="more than 2000 characters in all"):
        Renderer({"t": made + "{% set b = a ~ a %}" * 6}, {}, limits).render("t", CONTEXT)
    macro = "{% macro m() %}{{ a }}{% endmacro %}{% for x in [1, 2, 3, 4, 5] %}{% set b = m() %}"
    with pytest.raises(RenderError, match="more than 2000 characters in all"):
        Renderer({"t": made + macro + "{% endfor %}"}, {}, limits).render("t", CONTEXT)
    renderer = Renderer({"t": made}, {}, limits)
    assert [renderer.render("t", CONTEXT) for _ in range(9)] == [""] * 9, "each rendering anew"


@pytest.mark.parametrize(
    "template",
    [
        "{% set a = 1 %}" * 17_000,
        "{{ [" + "1," * 50_000 + "] | length }}",
        "{% macro m() %}{% endmacro %}" * 2_500,
        "{{ 1" + " < 2" * 25_000 + " }}",
        "{{ {" + "1:2," * 17_000 + "} | length }}",
    ],
    ids=range(5),
)
def test_what_takes_long_to_compile_is_refused(template: str) -> None:
    with pytest.raises(RenderError, match="it has more than 50000 parts") as caught:
        rendered("\n" + template)
    assert caught.value.findings[0].place.line == 2
