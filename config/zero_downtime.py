"""
Finds migrations that lock a table or break the version that runs while they are applied.

Tables made since the last release are nobody's yet: anything may be done to them. Reads the files
of the migrations only, and asks no database. The rule in words is in docs/ops/upgrading.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import CheckConstraint, Field, GeneratedField, ManyToManyField, Value
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now

OURS = ("accounts", "billing", "generations")
Table = tuple[str, str]

#: What a field may change about itself without PostgreSQL noticing.
WORDS = {
    *("auto_created", "auto_now", "auto_now_add", "blank", "choices", "db_comment", "default"),
    *("editable", "error_messages", "help_text", "limit_choices_to", "on_delete", "related_name"),
    *("related_query_name", "validators", "verbose_name"),
}
TWO_STEPS = "first take it out of the state only, drop it a release later"
MOVES = {
    operations.RenameField: "the running version asks for the old name: add a new field, copy",
    operations.RenameModel: "the running version asks for the old name",
    operations.AlterModelTable: "the running version asks for the old name",
    operations.RemoveField: f"the running version still reads it: {TWO_STEPS}",
    operations.DeleteModel: f"the running version still reads it: {TWO_STEPS}",
    operations.AddIndex: "writes wait while it is built: use AddIndexConcurrently",
    operations.AlterUniqueTogether: "writes wait while its index is built",
}


class Fault(NamedTuple):
    migration: str
    words: str


def faults(loader: MigrationLoader, released: Mapping[str, str]) -> Iterator[Fault]:
    """Everything after `released` (the last migration of each app) that breaks the rule."""
    old = {node for last in released.items() for node in loader.graph.forwards_plan(last)}
    new_tables: set[Table] = set()
    state = ProjectState()
    for node in _in_order(loader):
        migration = loader.graph.nodes[node]
        for operation in migration.operations:
            if node[0] in OURS and node not in old:
                for words in _faults_of(operation, migration, state, new_tables):
                    yield Fault(".".join(node), words)
            operation.state_forwards(node[0], state)


def newest(loader: MigrationLoader) -> dict[str, str]:
    """The last migration of each app of ours."""
    return {app: name for app, name in sorted(loader.graph.leaf_nodes()) if app in OURS}


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    order: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        order |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return list(order)


def _faults_of(
    operation: Operation, migration: Migration, state: ProjectState, new: set[Table]
) -> Iterator[str]:
    what = operation.describe()
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for hidden in operation.state_operations:
            if isinstance(hidden, operations.RemoveField):
                yield from _left_behind(hidden, migration.app_label, state)
        for touching in operation.database_operations:
            yield from _faults_of(touching, migration, state, new)
        return
    if isinstance(operation, operations.CreateModel):
        new.add((migration.app_label, operation.name_lower))
    if isinstance(operation, (operations.RunSQL, operations.RunPython)):
        if not operation.reversible:
            yield f"{what}: cannot be undone: give it a reverse (noop will do)"
        return
    if (migration.app_label, _table(operation)) in new:
        return
    for words in _words(operation, migration.app_label, state):
        yield f"{what}: {words}"


def _table(operation: Any) -> str:
    model = getattr(operation, "model_name", "") or getattr(operation, "old_name", "")
    return str(model or getattr(operation, "name", "")).lower()


def _words(operation: Operation, app: str, state: ProjectState) -> Iterator[str]:
    if words := MOVES.get(type(operation)):
        yield words
    elif isinstance(operation, operations.AddField):
        yield from _added(operation.field)
    elif isinstance(operation, operations.AlterField):
        before = state.models[app, operation.model_name_lower].fields[operation.name]
        yield from _altered(before, operation.field)
    elif type(operation) is operations.AddConstraint:
        fix = "use AddConstraintNotValid, then ValidateConstraint in a migration of its own"
        is_check = isinstance(operation.constraint, CheckConstraint)
        yield (
            f"writes wait while it is checked: {fix}"
            if is_check
            else ("writes wait while its index is built: build it CONCURRENTLY and then attach it")
        )


def _added(field: Field[Any, Any]) -> Iterator[str]:
    if isinstance(field, ManyToManyField):
        return
    if isinstance(field, GeneratedField):
        yield "the whole table is written anew: add a plain field and fill it in parts"
    elif field.db_default is NOT_PROVIDED:
        if not field.null:
            yield "the running version leaves it empty: give it null=True or a db_default"
    elif hasattr(field.db_default, "resolve_expression") and not isinstance(
        field.db_default, (Value, Now)
    ):
        yield "the whole table is written anew for this db_default: add it empty, fill it in parts"
    if field.unique or getattr(field, "db_index", False):
        yield "writes wait while its index is built: db_index=False, then AddIndexConcurrently"


def _altered(before: Field[Any, Any], after: Field[Any, Any]) -> Iterator[str]:
    old, new = _facts(before), _facts(after)
    for name in sorted(old.keys() | new.keys()):
        was, becomes = old.get(name), new.get(name)
        if was == becomes or _is_looser(name, was, becomes):
            continue
        yield f"{name} changes from {was} to {becomes} under the running version"


def _facts(field: Field[Any, Any]) -> dict[str, Any]:
    _, kind, _, options = field.deconstruct()
    return {"type": kind} | {name: is_ for name, is_ in options.items() if name not in WORDS}


def _is_looser(name: str, was: Any, becomes: Any) -> bool:
    if name == "max_length":
        return becomes is None or (was is not None and becomes > was)
    return (name == "null" and bool(becomes)) or (name == "db_default" and was is None)


def _left_behind(hidden: operations.RemoveField, app: str, state: ProjectState) -> Iterator[str]:
    field = state.models[app, hidden.model_name_lower].fields[hidden.name]
    if not (field.null or field.db_default is not NOT_PROVIDED):
        yield (
            f"{hidden.describe()}: the column stays, and the new version does not fill it: "
            "give it null=True or a db_default a release earlier"
        )
