"""The law: a folder has a state; what leaves it is destroyed there, unless all of a module moves and its state too."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Tier
from bot.core.pull import ChangedFile
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()
DB = 'resource "aws_db_instance" "main" {\n  engine = var.engine\n}\n'
LITERAL = DB.replace("var.engine", '"postgres"')
VARIABLE = 'variable "engine" {}\n'
UNIT = 'terraform {\n  source = "../../modules/db"\n}\n'
REMOVED = "removed {\n  from = aws_db_instance.main\n  lifecycle {\n    destroy = false\n  }\n}\n"
IMPORT = 'import {\n  to = aws_db_instance.main\n  id = "db"\n}\n'
DEEP = "locals {\n  x = " + "[" * 5_000 + "]" * 5_000 + "\n}\n"


def moved(old: str, new: str, text: str) -> ChangedFile:
    return changed(new, text, text, old_path=old)


def backend(key: str) -> str:
    return f'terraform {{\n  backend "s3" {{\n    bucket = "state"\n    key = "{key}"\n  }}\n}}\n'


def call(folder: str) -> str:
    return f'module "db" {{\n  source = "../modules/{folder}"\n}}\n'


GONE = [("terraform-stateful-removed", "high")]
ADRIFT = [("terraform-stateful-renamed", "low")]


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("one of several files", (moved("one/db.tf", "two/db.tf", LITERAL),), GONE),
        ("names a variable that stays", (moved("one/db.tf", "two/db.tf", DB),), GONE),
        (
            "to a module that was there",
            (
                moved("one/db.tf", "two/db.tf", DB),
                moved("one/v.tf", "two/v.tf", VARIABLE),
                changed("two/x.tf", "locals {}", ""),
            ),
            GONE,
        ),
        (
            "a part of it stays",
            (
                moved("one/db.tf", "two/db.tf", DB),
                moved("one/v.tf", "two/v.tf", VARIABLE),
                changed("one/x.tf", "locals {}", "locals {\n}"),
            ),
            GONE,
        ),
        (
            "let go of where it was",
            (moved("one/db.tf", "two/db.tf", LITERAL), changed("one/removed.tf", None, REMOVED)),
            [],
        ),
        (
            "whole, its state unknown",
            (moved("one/db.tf", "two/db.tf", DB), moved("one/v.tf", "two/v.tf", VARIABLE)),
            ADRIFT,
        ),
        (
            "whole, to the root",
            (moved("one/db.tf", "db.tf", DB), moved("one/v.tf", "v.tf", VARIABLE)),
            ADRIFT,
        ),
        (
            "whole, and imported there",
            (
                moved("one/db.tf", "two/db.tf", DB),
                moved("one/v.tf", "two/v.tf", VARIABLE),
                changed("two/import.tf", None, IMPORT),
            ),
            [],
        ),
        (
            "whole, its state in one place",
            (
                moved("one/db.tf", "two/db.tf", DB),
                moved("one/v.tf", "two/v.tf", VARIABLE),
                moved("one/b.tf", "two/b.tf", backend("db")),
            ),
            [],
        ),
        (
            "whole, and called there",
            (moved("modules/one/db.tf", "modules/two/db.tf", LITERAL), changed("live/m.tf", call("one"), call("two"))),
            [],
        ),
        (
            "called by both names",
            (
                moved("modules/one/db.tf", "modules/two/db.tf", LITERAL),
                changed("live/m.tf", call("one"), call("one") + call("two").replace('"db"', '"new"')),
            ),
            GONE,
        ),
        ("an example", (moved("examples/one/db.tf", "examples/two/db.tf", DB),), []),
        (
            "a Terragrunt unit, whose state goes by its folder",
            (moved("live/one/terragrunt.hcl", "live/two/terragrunt.hcl", UNIT),),
            [("terraform-stack-removed", "low")],
        ),
    ],
)
def test_a_file_moves_to_another_folder(
    name: str, files: tuple[ChangedFile, ...], expected: list[tuple[str, str]]
) -> None:
    blast = assess(files, (), INFRA)
    found = [(one.rule, one.confidence.word) for one in blast.effects if not one.rule.startswith("stack-")]
    assert found == expected, name
    assert blast.tier >= (Tier.HIGH if expected else Tier.LOW)


def test_what_nests_too_deeply_to_be_read_moves_alone_and_is_said() -> None:
    files = (moved("one/db.tf", "two/db.tf", LITERAL), moved("one/v.tf", "two/v.tf", DEEP))
    blast = assess(files, (), INFRA)
    assert blast.tier >= Tier.HIGH
    assert blast.incomplete
