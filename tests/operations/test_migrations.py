"""Migrations run beside the version before them: what locks or breaks it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.postgres import operations as postgres
from django.core.management import CommandError, call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.functions import Now, Upper

from config import zero_downtime

Findings = Callable[..., list[str]]


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.fixture
def found(loader) -> Findings:
    """What is said of a migration with these operations, were today's all released."""

    def ask(*operations: Operation) -> list[str]:
        released = zero_downtime.newest(loader)
        migration = migrations.Migration("9999_next", "accounts")
        migration.operations = list(operations)
        node = ("accounts", migration.name)
        fresh = MigrationLoader(None)
        fresh.graph.add_node(node, migration)
        fresh.graph.add_dependency(migration, node, ("accounts", released["accounts"]))
        return [fault.words for fault in zero_downtime.faults(fresh, released)]

    return ask


def add(field: models.Field[Any, Any]) -> Operation:
    return migrations.AddField("user", "more", field)


INDEX = models.Index(fields=["email"], name="by_email")
CHECK = models.CheckConstraint(condition=models.Q(email__gt=""), name="has_email")
UNIQUE = models.UniqueConstraint(Upper("email"), name="one_email")
DROP = migrations.RunSQL("ALTER TABLE accounts_user DROP COLUMN email", migrations.RunSQL.noop)

REFUSED = {
    "the running version leaves it empty": add(models.IntegerField(default=0)),
    "written anew for this db_default": add(models.TextField(db_default=Upper(models.Value("a")))),
    "AddIndexConcurrently": add(models.IntegerField(null=True, db_index=True)),
    "null changes from True to None": migrations.AlterField(
        "apikey", "last_used_at", models.DateTimeField()
    ),
    "type changes from": migrations.AlterField("user", "email", models.IntegerField(unique=True)),
    "max_length changes from": migrations.AlterField(
        "user", "email", models.EmailField(max_length=9, unique=True)
    ),
    "asks for the old name: add": migrations.RenameField("user", "email", "mail"),
    "asks for the old name": migrations.RenameModel("User", "Person"),
    "still reads it: first take it out of the state": migrations.RemoveField("user", "email"),
    "still reads it": migrations.DeleteModel("User"),
    "use AddIndexConcurrently": migrations.AddIndex("user", INDEX),
    "use AddConstraintNotValid": migrations.AddConstraint("user", CHECK),
    "build it CONCURRENTLY": migrations.AddConstraint("user", UNIQUE),
    "cannot be undone": migrations.RunSQL("SELECT 1"),
    "does not fill it": migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("user", "email")]
    ),
}
ALLOWED = [
    add(models.IntegerField(null=True)),
    add(models.DateTimeField(db_default=Now())),
    add(models.IntegerField(db_default=0, default=0)),
    migrations.AlterField("user", "email", models.EmailField(max_length=400, unique=True)),
    postgres.AddIndexConcurrently("user", INDEX),
    postgres.AddConstraintNotValid("user", CHECK),
    postgres.ValidateConstraint("user", "has_email"),
    migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("apikey", "last_used_at")]
    ),
    DROP,
]


@pytest.mark.parametrize("words", REFUSED)
def test_what_locks_or_breaks_the_running_version_is_refused(found, words):
    said = found(REFUSED[words])

    assert len(said) == 1
    assert words in said[0]


@pytest.mark.parametrize("operation", ALLOWED, ids=lambda one: one.describe())
def test_what_both_versions_can_live_with_passes(found, operation):
    assert found(operation) == []


def test_anything_may_be_done_to_a_table_of_the_same_release(found):
    table = migrations.CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True))])
    field = migrations.AddField("fresh", "name", models.TextField(db_index=True))

    assert found(table, field, migrations.RemoveField("fresh", "name")) == []


def test_what_hides_in_separate_operations_is_found(found):
    hidden = migrations.SeparateDatabaseAndState([migrations.AddIndex("user", INDEX)], [])

    assert len(found(hidden)) == 1


def test_the_migrations_of_this_version_suit_the_released_one(capsys):
    call_command("check_migrations")

    assert "suit the version" in capsys.readouterr().out


def test_a_release_is_recorded_and_counts_from_then_on(tmp_path, loader):
    paper = tmp_path / "migrations.toml"
    paper.write_text("# Ours.\n[released]\n[accepted]\n")

    call_command("check_migrations", record=True, list=paper)
    call_command("check_migrations", list=paper)

    newest = zero_downtime.newest(loader)["billing"]
    assert f'billing = "{newest}"' in paper.read_text()


def test_what_breaks_the_rule_passes_with_a_reason_only(tmp_path, loader):
    paper, released = tmp_path / "migrations.toml", {"generations": "0008_staff_acts"}
    released = zero_downtime.newest(loader) | released
    rows = "\n".join(f'{app} = "{name}"' for app, name in released.items())
    paper.write_text(f"[released]\n{rows}\n[accepted]\n")
    with pytest.raises(CommandError, match=r"generations.0009_parts_of_prompts: .*Concurrently"):
        call_command("check_migrations", list=paper)

    broken = {fault.migration for fault in zero_downtime.faults(loader, released)}
    reasons = "\n".join(f'"{name}" = "the table is small"' for name in broken)
    paper.write_text(f"{paper.read_text()}{reasons}\n")
    call_command("check_migrations", list=paper)
