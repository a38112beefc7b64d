"""The law: the way up is judged, the way down is not; what only moved or was reformatted is no effect."""

from __future__ import annotations

import time

import pytest

from bot.core.blast.assess import assess
from bot.core.blast.migrations.sql import statements_in
from bot.data.infra import load_infra
from tests.core.blast.files import changed
from tests.core.blast.judged import effects, rules, unread

UP = "db/migrations/2024_x/up.sql"
DJANGO = "app/migrations/0002_x.py"
ALEMBIC = "alembic/versions/abc_x.py"
RAILS = "db/migrate/20240101000000_x.rb"
HEADER = "from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = [\n"


@pytest.mark.parametrize(
    "path, text, rule",
    [
        (UP, "DROP TABLE users;", "migration-drops-data"),
        (UP, "drop table if exists public.users cascade;", "migration-drops-data"),
        (UP, "TRUNCATE TABLE users;", "migration-drops-data"),
        (UP, "ALTER TABLE users DROP COLUMN name;", "migration-drops-data"),
        (UP, "DELETE FROM users;", "migration-drops-data"),
        (UP, "DO $$ BEGIN\nDROP TABLE users;\nEND $$;", "migration-drops-data"),
        (UP, "ALTER TABLE users DISABLE ROW LEVEL SECURITY;", "migration-weakens"),
        (UP, "ALTER TABLE users DROP CONSTRAINT users_pk;", "migration-weakens"),
        (UP, "GRANT ALL ON users TO public;", "migration-grants"),
        (UP, "ALTER TABLE users ALTER COLUMN id TYPE bigint;", "migration-rewrites"),
        (
            UP,
            "ALTER TABLE t RENAME TO o; CREATE TABLE t (a int); INSERT INTO t SELECT 1; DROP TABLE o;",
            "migration-rewrites",
        ),
        (UP, "CREATE TABLE n (a int); DROP TABLE t; ALTER TABLE n RENAME TO t;", "migration-rewrites"),
        (RAILS, "def up\n  execute <<~SQL\n    DROP TABLE users;\n  SQL\nend\n", "migration-drops-data"),
        (RAILS, "def up\n  safety_assured { remove_column :users, :name }\nend\n", "migration-drops-data"),
        (DJANGO, f"{HEADER}        migrations.RemoveField('m', 'f'),\n    ]\n", "migration-drops-data"),
        (DJANGO, f"{HEADER}        migrations.RunSQL('DROP TABLE users'),\n    ]\n", "migration-drops-data"),
        (ALEMBIC, "from alembic import op\ndef upgrade():\n    op.drop_table('users')\n", "migration-drops-data"),
        (RAILS, "class X\n  def change\n    remove_column :users, :name\n  end\nend\n", "migration-drops-data"),
    ],
)
def test_what_the_way_up_drops_or_loosens_is_found(path: str, text: str, rule: str) -> None:
    assert rules((path, None, text)) == {rule}


@pytest.mark.parametrize(
    "path, text",
    [
        ("db/migrations/2024_x/down.sql", "DROP TABLE users;"),
        ("db/migrations/1_x.down.sql", "DROP TABLE users;"),
        (UP, "CREATE TABLE users (id int);\n-- +goose Down\nDROP TABLE users;"),
        (UP, "-- DROP TABLE users;\n/* DROP TABLE users; */ SELECT 'DROP TABLE users; ';"),
        (UP, "DELETE FROM users WHERE id = 1;"),
        (UP, "CREATE TEMP TABLE t (a int); DROP TABLE t;"),
        (UP, "ALTER TABLE users ADD COLUMN drop_column text;"),
        (ALEMBIC, "from alembic import op\ndef downgrade():\n    op.drop_table('users')\n"),
        (RAILS, "class X\n  def up\n  end\n  def down\n    drop_table :users\n  end\nend\n"),
        (DJANGO, f"{HEADER}        migrations.AddField('m', 'f'),\n    ]\n"),
    ],
)
def test_the_way_down_and_what_is_only_said_are_no_effect(path: str, text: str) -> None:
    assert rules((path, None, text)) == set()


def test_a_migration_may_move() -> None:
    text = "DROP TABLE users;"
    assert effects((UP, text, None), ("db/migrations/2025_x/up.sql", None, text)) == set()


def test_a_column_that_leaves_the_schema_file_is_found() -> None:
    base = 'create_table "tags" do |t|\n  t.string "tag"\n  t.boolean "old"\nend\n'
    head = 'create_table "tags" do |t|\n  t.string  "tag"\nend\n'
    assert effects(("db/schema.rb", base, head)) == {("migration-drops-data", "tags.old")}


def test_lines_are_those_of_the_statement() -> None:
    found = tuple(statements_in("-- a\n\nSELECT 1;\n\n/* b\n*/ DROP TABLE t;"))
    assert [(one.line, one.text) for one in found] == [(3, "SELECT 1"), (6, "DROP TABLE t")]


def test_what_is_no_python_is_said() -> None:
    assert len(unread((DJANGO, None, f"{HEADER}((((\n"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("text", [";" * 1_000_000, "'" * 999_999, "$$" * 400_001, "/*" * 500_000, "drop " * 200_000])
def test_hostile_sql_is_read_in_time(text: str) -> None:
    start = time.process_time()
    rules((UP, None, text))
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("ALTER TABLE users ALTER COLUMN name SET NOT NULL;", True),
        ("ALTER TABLE users ADD COLUMN name text NOT NULL;", True),
        ("ALTER TABLE users ADD a int NOT NULL DEFAULT 0, ADD b int NOT NULL;", True),
        ("ALTER TABLE users ADD COLUMN name text NOT NULL DEFAULT 'x';", False),
        ("ALTER TABLE users ADD COLUMN name text;", False),
        ("CREATE TABLE users (id int NOT NULL);", False),
    ],
)
def test_a_value_that_is_demanded_of_rows_that_have_none_is_found(text: str, is_found: bool) -> None:
    blast = assess((changed(UP, None, text),), (), load_infra())
    assert [one.rule for one in blast.effects] == (["migration-tightens"] if is_found else [])


def test_a_query_that_is_made_when_it_runs_is_said() -> None:
    assert len(unread((RAILS, None, "def up\n  execute File.read('x.sql')\nend\n"))) == 1
    assert unread((RAILS, None, "def up\n  sql = <<~SQL\n    SELECT 1\n  SQL\n  execute(sql)\nend\n")) == ()
    assert unread((RAILS, None, "def down\n  execute File.read('x.sql')\nend\n")) == ()


XML = '<databaseChangeLog xmlns="x">\n<changeSet id="1" author="a">\n{}\n</changeSet>\n</databaseChangeLog>\n'
KNEX = "exports.up = (knex) => {{\n  {}\n}};\nexports.down = (knex) => knex.schema.dropTable('made');\n"
TYPEORM = (
    "export class A implements MigrationInterface {{\n  public async up(r: QueryRunner) {{\n    {}\n  }}\n"
    "  public async down(r: QueryRunner) {{\n    await r.query(`DROP TABLE made`);\n  }}\n}}\n"
)
LARAVEL = (
    "<?php\nclass A extends Migration {{\n  public function up(): void {{\n    {}\n  }}\n"
    "  public function down(): void {{\n    Schema::dropIfExists('made');\n  }}\n}}\n"
)
ECTO = "defmodule A do\n  def up do\n    {}\n  end\n  def down do\n    drop table(:made)\n  end\nend\n"
GOOSE = 'package m\nfunc Up1(t *T) error {{\n  {}\n}}\nfunc Down1(t *T) error {{\n  tx.Exec("DROP TABLE made")\n}}\n'
CHANGELOG = (
    "databaseChangeLog:\n- changeSet:\n    changes:\n    - {}\n    rollback:\n    - dropTable: {{tableName: made}}\n"
)
LOG = "src/main/resources/db/changelog/1.xml"


@pytest.mark.parametrize(
    ("path", "shape", "text", "rule"),
    [
        (LOG, XML, '<dropTable tableName="users"/>', "migration-drops-data"),
        (LOG, XML, '<dropColumn\n columnName="a"\n tableName="users"/>', "migration-drops-data"),
        (LOG, XML, '<delete tableName="users"/>', "migration-drops-data"),
        (LOG, XML, '<delete tableName="users"><where>id = 1</where></delete>', ""),
        (LOG, XML, "<sql><![CDATA[DROP TABLE users;]]></sql>", "migration-drops-data"),
        (LOG, XML, '<renameTable oldTableName="a" newTableName="b"/>', "migration-rewrites"),
        (LOG, XML, '<rollback><dropTable tableName="users"/></rollback>', ""),
        (LOG, XML, '<!-- <dropTable tableName="users"/> -->', ""),
        (LOG, XML, '<createTable tableName="users"/>', ""),
        ("liquibase-core.xml", XML, '<dropTable tableName="users"/>', "migration-drops-data"),
        ("a.yaml", CHANGELOG, "dropTable: {tableName: users}", "migration-drops-data"),
        ("a.yaml", CHANGELOG, "sql: {sql: DROP TABLE users}", "migration-drops-data"),
        ("a.yaml", CHANGELOG, "createTable: {tableName: users}", ""),
        ("db/knex/migrations/1.js", KNEX, "return knex.schema.dropTable('users');", "migration-drops-data"),
        ("migrations/1.js", KNEX, "t.dropColumn('name');", "migration-drops-data"),
        ("migrations/1.js", KNEX, "knex.raw('DROP TABLE users');", "migration-drops-data"),
        ("migrations/1.js", KNEX, "// t.dropColumn('name');", ""),
        ("migrations/1.js", KNEX, "t.string('name');", ""),
        (
            "migrations/1.ts",
            TYPEORM,
            'await r.query(`ALTER TABLE "users" DROP COLUMN "name"`);',
            "migration-drops-data",
        ),
        ("migrations/1.ts", TYPEORM, "await r.renameColumn('users', 'a', 'b');", "migration-rewrites"),
        ("database/migrations/1.php", LARAVEL, "$table->dropColumn('name');", "migration-drops-data"),
        ("database/migrations/1.php", LARAVEL, "Schema::drop('users');", "migration-drops-data"),
        ("database/migrations/1.php", LARAVEL, "$table->string('name');", ""),
        ("priv/repo/migrations/1.exs", ECTO, "drop table(:users)", "migration-drops-data"),
        ("priv/repo/migrations/1.exs", ECTO, "remove :name", "migration-drops-data"),
        ("priv/repo/migrations/1.exs", ECTO, "add :name, :string", ""),
        ("db/migrations/1.go", GOOSE, 'tx.Exec("TRUNCATE users")', "migration-drops-data"),
        ("db/migrations/1.go", GOOSE, 'tx.Exec("SELECT 1")', ""),
    ],
)
def test_other_tools_migrations_are_read_on_their_way_up(path: str, shape: str, text: str, rule: str) -> None:
    assert rules((path, None, shape.format(text))) == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ALTER TABLE users MODIFY COLUMN name varchar(9);", "migration-rewrites"),
        ("ALTER TABLE users ALTER COLUMN name nvarchar(9);", "migration-rewrites"),
        ("ALTER TABLE users ALTER COLUMN name SET DEFAULT 1;", ""),
        ("ALTER TABLE users DROP CONSTRAINT fk; ALTER TABLE users ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES b;", ""),
        (
            "ALTER TABLE users DROP CONSTRAINT fk; ALTER TABLE users ADD CONSTRAINT other CHECK (a);",
            "migration-weakens",
        ),
    ],
)
def test_dialects_and_constraints_that_come_back(text: str, rule: str) -> None:
    assert rules((UP, None, text)) == ({rule} if rule else set())


OP = "from alembic import op\n"
QUERY = "DROP TABLE users"


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        (ALEMBIC, f"{OP}def upgrade():\n    op.execute(f'{QUERY}_{{year}}')\n", "migration-drops-data"),
        (ALEMBIC, f"{OP}Q = '{QUERY}'\ndef upgrade():\n    op.execute(sa.text(Q))\n", "migration-drops-data"),
        (ALEMBIC, f"{OP}Q = '{QUERY}'\ndef upgrade():\n    op.execute(Q)\n", "migration-drops-data"),
        (ALEMBIC, f"{OP}def upgrade():\n    op.alter_column('t', 'a', new_column_name='b')\n", "migration-rewrites"),
        (DJANGO, f"{HEADER}        migrations.RunSQL(sql='{QUERY}'),\n    ]\n", "migration-drops-data"),
        (DJANGO, f"{HEADER}        migrations.RunSQL('SELECT 1', '{QUERY}'),\n    ]\n", ""),
        (DJANGO, f"{HEADER}        migrations.RunPython(forwards),\n    ]\n", "migration-runs-code"),
        (
            DJANGO,
            f"{HEADER}        migrations.RunPython(a, b),\n    ]\ndef b(apps, x):\n    x.execute('{QUERY}')\n",
            "migration-runs-code",
        ),
        (
            DJANGO,
            f"{HEADER}        SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('a')]),\n    ]\n",
            "",
        ),
    ],
)
def test_what_python_runs_is_read_or_said(path: str, text: str, rule: str) -> None:
    blast = assess((changed(path, None, text),), (), load_infra())
    assert {one.rule for one in blast.effects} == ({rule} if rule else set())


@pytest.mark.parametrize("query", ["open('x').read()", "make()", "statement", "Q"])
def test_a_query_that_python_makes_when_it_runs_is_said(query: str) -> None:
    assert len(unread((ALEMBIC, None, f"{OP}Q = Q + R\ndef upgrade():\n    op.execute({query})\n"))) == 1
    assert unread((ALEMBIC, None, f"{OP}def downgrade():\n    op.execute({query})\n")) == ()


def test_what_leaves_a_prisma_schema_is_found() -> None:
    base = "model User {\n  id Int @id\n  name String\n  posts Post[]\n}\nmodel Post {\n  id Int @id\n}\n"
    head = "model User {\n  id Int @id\n}\n"
    assert effects(("prisma/schema.prisma", base, head)) == {
        ("migration-drops-data", "Post"),
        ("migration-drops-data", "User.name"),
    }


def test_a_dump_is_said_with_less_confidence_than_a_migration() -> None:
    text = "DROP TABLE IF EXISTS users;\nCREATE TABLE users (id int);\n"
    assert rules(("seed.sql", None, text)) == set()
    assert rules(("seed.sql", None, "DROP TABLE users;")) == {"migration-drops-data"}


@pytest.mark.slow
@pytest.mark.parametrize("part", ["<sql>", "<delete ", "<rollback>", "<dropTable ", "<!--", "<sql></sql>", "<a b='"])
def test_hostile_changelogs_are_read_in_time(part: str) -> None:
    start = time.process_time()
    rules((LOG, None, "<databaseChangeLog>" + part * (990_000 // len(part))))
    assert time.process_time() - start < 8
