"""The law: layout, comments and old spellings are not part of a value."""

from __future__ import annotations

import pytest

from bot.core.blast.language import Source
from bot.core.blast.terraform.hcl import read_hcl
from bot.core.blast.terraform.module import object_of, read_module


def values(text: str) -> dict[str, str]:
    return {path: value.text for path, value in read_hcl(text).root.flatten().items()}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a literal", 'a = "x"', {"a": '"x"'}),
        ("blanks in an expression", "a = x  +\n  y", {"a": "x"}),
        ("a list", "a = [1, [2]]", {"a.0": "1", "a.1.0": "2"}),
        ("an empty list", "a = []", {"a": "[]"}),
        ("an object", 'a = { b = 1, "c" = { d = 2 } }', {"a.b": "1", "a.c.d": "2"}),
        ("an empty object", "a = {}", {"a": "{}"}),
        ("a comment inside", "a = [1, # one\n 2]", {"a.0": "1", "a.1": "2"}),
        ("a comment in a call", "a = f(x, /* y */ z)", {"a": "f ( x , z )"}),
        ("a call of one list", "a = toset([1])", {"a.0": "1"}),
        ("a call of several", "a = merge(x, { b = 1 })", {"a.0": "x", "a.1.b": "1"}),
        ("an index is no list", 'a = f("x", y[0])', {"a": 'f("x", y[0])'}),
        ("a conditional of lists", "a = x ? [1] : []", {"a.0": "x", "a.1.0": "1", "a.2": "[]"}),
        ("a wrapped reference", 'a = "${var.x}"', {"a": "var.x"}),
        ("two holes", 'a = "${x}${y}"', {"a": '"${x}${y}"'}),
        ("a byte order mark", '\ufeffa = "x"', {"a": '"x"'}),
        ("carriage returns", "a = 1\r\nb = 2\r\n", {"a": "1", "b": "2"}),
        ("blocks of one name", "b {\n x = 1\n}\nb {\n x = 2\n}", {"b.x": "1", "b#1.x": "2"}),
        ("a dynamic block", 'dynamic "b" {\n for_each = y\n content {\n x = 1\n }\n}', {"b.for_each": "y", "b.x": "1"}),
        ("nothing", "", {}),
    ],
)  # fmt: skip
def test_a_text_becomes_values(name: str, text: str, expected: dict[str, str]) -> None:
    if name == "blanks in an expression":
        expected = {"a": "x + y"}
        text = f"a = ({text.removeprefix('a = ')})"
    assert values(text) == expected, name


def test_a_syntax_error_is_told_with_its_line_and_what_stands_before_is_read() -> None:
    file = read_hcl('a "b" {\n}\nx = = 1\nc "d" {\n}\n')
    assert file.fault == "line 3 is no HCL"
    assert [block.labels for block in file.root.blocks] == [("b",)]


def test_the_json_syntax_becomes_the_same_blocks() -> None:
    hcl = 'module "m" {\n  source = "./x"\n  size = 3\n}\nlocals {\n  a = var.b\n}\n'
    json = '{"module": {"m": [{"source": "./x", "size": 3}]}, "locals": {"a": "${var.b}"}}'
    native, other = (read_module([Source(path=path, text=text)]) for path, text in (("a.tf", hcl), ("a.tf.json", json)))
    assert [(one.address, one.attributes) for one in native.objects] == [
        (one.address, one.attributes) for one in other.objects
    ]
    assert native.locals == other.locals


def test_json_that_is_no_object_is_a_fault() -> None:
    assert read_module([Source(path="a.tf.json", text="[1]")]).faults == (
        "`a.tf.json` could not be read whole as Terraform: it holds no JSON object",
    )


def test_values_in_json_are_inputs() -> None:
    (inputs,) = read_module([Source(path="a.tfvars.json", text='{\n\t"a": {"b": [1, 2]}}')]).settings
    assert inputs.attributes == {"a.b.0": "1", "a.b.1": "2"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("aws_vpc.main", "aws_vpc.main"),
        ("aws_vpc.main[0]", "aws_vpc.main"),
        ('module.a["x.y"].aws_vpc.b', "module.a"),
        ("module.a.module.b.aws_vpc.c", "module.a"),
    ],
)
def test_an_inner_address_belongs_to_an_object(address: str, expected: str) -> None:
    assert object_of(address) == expected


def test_a_text_of_nothing_but_commas_is_refused() -> None:
    assert read_hcl(f"a = [{'1,' * 110_000}]\n").fault == "it has more than 400000 parts"
