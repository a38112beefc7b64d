"""The law: generated tables hold what everybody knows, and every row of the other tables is used."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.data.infra import FAMILIES, load_infra

INFRA = load_infra()
BLAST = Path(__file__).parent.parent.parent / "bot" / "core" / "blast"


@pytest.mark.parametrize(
    ("family", "type_", "attribute"),
    [
        ("cloudformation", "AWS::RDS::DBInstance", "DBName"),
        ("cloudformation", "AWS::EC2::Subnet", "AvailabilityZone"),
        ("cloudformation-conditional", "AWS::RDS::DBInstance", "Engine"),
        ("terraform", "aws_db_instance", "username"),
        ("terraform", "azurerm_storage_account", "location"),
        ("terraform-likely", "aws_athena_work_group", "name"),
        ("terraform-likely", "aws_appsync_data_source", "api_id"),
        ("terraform", "azurerm_subnet", "name"),
        ("terraform", "google_container_cluster", "location"),
    ],
)
def test_a_well_known_attribute_cannot_change_in_place(family: str, type_: str, attribute: str) -> None:
    assert attribute in INFRA.replacements[family][type_]


@pytest.mark.parametrize(
    ("family", "type_", "attribute"),
    [
        ("cloudformation", "AWS::RDS::DBInstance", "AllocatedStorage"),
        ("terraform", "aws_db_instance", "allocated_storage"),
        ("terraform", "azurerm_storage_account", "account_replication_type"),
        ("terraform-likely", "aws_glue_job", "tags"),
    ],
)
def test_a_well_known_attribute_can(family: str, type_: str, attribute: str) -> None:
    assert attribute not in INFRA.replacements[family][type_]


def test_no_table_is_empty() -> None:
    assert set(INFRA.replacements) == set(FAMILIES)
    assert all(INFRA.replacements.values())


def texts_of(folder: Path) -> set[str]:
    """Every string literal of the modules."""
    trees = [ast.parse(file.read_text()) for file in folder.rglob("*.py")]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_effect_rule_and_every_name_list_is_used() -> None:
    texts = texts_of(BLAST)
    assert sorted(set(INFRA.rules) - texts) == []
    assert sorted(set(INFRA.names) - texts) == []


def test_an_effect_rule_is_one_sentence_with_a_source() -> None:
    for rule in INFRA.rules.values():
        assert rule.sentence[0].isupper(), rule.id
        assert not rule.sentence.endswith("."), rule.id
        assert rule.source, rule.id
