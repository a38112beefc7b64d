"""The sandbox's own GraphQL schema says nothing that GitHub's published one does not."""

from __future__ import annotations

from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    parse,
    validate,
)

from bot.sandbox.graphql.pulls import EVENT
from bot.sandbox.graphql.serve import TABLES
from tests.sandbox import judge

QUERIES = sorted(Path("bot/github/queries").glob("*.graphql"))


@pytest.fixture(scope="module")
def ours() -> GraphQLSchema:
    return build_schema(files("bot.sandbox.graphql").joinpath("schema.graphql").read_text())


@pytest.fixture(scope="module")
def published() -> GraphQLSchema:
    return build_schema(judge.graphql_schema(), assume_valid=True)


def test_every_field_and_argument_is_githubs(ours: GraphQLSchema, published: GraphQLSchema) -> None:
    for name, kind in ours.type_map.items():
        theirs = published.type_map.get(name)
        if name.startswith("__"):
            continue
        assert theirs is not None, name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
            for field, definition in kind.fields.items():
                assert str(definition.type) == str(theirs.fields[field].type), f"{name}.{field}"
                for argument, one in definition.args.items():
                    assert str(one.type) == str(theirs.fields[field].args[argument].type), f"{name}.{field}({argument})"
        elif isinstance(kind, GraphQLEnumType):
            assert isinstance(theirs, GraphQLEnumType)
            assert set(kind.values) <= set(theirs.values), name
        elif isinstance(kind, GraphQLUnionType):
            assert isinstance(theirs, GraphQLUnionType)
            assert {one.name for one in kind.types} <= {one.name for one in theirs.types}, name
        elif isinstance(kind, GraphQLInputObjectType):
            assert isinstance(theirs, GraphQLInputObjectType)
            assert set(kind.fields) <= set(theirs.fields), name


def test_every_field_has_a_resolver(ours: GraphQLSchema) -> None:
    for name, table in TABLES.items():
        kind = ours.type_map.get(name)
        if isinstance(kind, GraphQLObjectType):
            assert set(kind.fields) <= set(table), name
    event = ours.type_map["HeadRefForcePushedEvent"]
    assert isinstance(event, GraphQLObjectType)
    assert set(event.fields) - set(EVENT) == {"beforeCommit", "afterCommit"}


def test_every_query_of_the_app_is_valid_on_both_schemas(ours: GraphQLSchema, published: GraphQLSchema) -> None:
    documents = [parse(path.read_text()) for path in QUERIES]
    assert documents
    for schema, document in product((ours, published), documents):
        # Each is sent apart, so that two may have a fragment of one name. Some fragments are used by the document that
        # the App puts together around them.
        wrong = [one.message for one in validate(schema, document) if "never used" not in one.message]
        assert not wrong
