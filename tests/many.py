"""
A thousand of everything that is there, made by the database itself in a second.

Every copy has ids of its own and belongs to the copies of what its original belongs to; rows that
are kept have no copies, and what belongs to them still does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.apps import apps
from django.db import connection, models

APPS = ("accounts", "billing", "generations")
#: Numbered rows: each copy stands at this distance from the one before.
FAR = 10**9

Kind = type[models.Model]
Field = models.Field


class Copies:
    """Of all rows there are now, but for those of the `kept` kinds and the `kept` rows."""

    def __init__(self, kept: Collection[Kind | models.Model] = ()) -> None:
        self.kinds = [kind for kind in _kinds() if kind not in kept]
        self.originals = {
            kind._meta.db_table: [row.pk for row in kind._base_manager.all() if row not in kept]
            for kind in self.kinds
        }
        self.count = 0

    def up_to(self, count: int) -> None:
        """So many copies of each original; neither triggers nor references are asked."""
        span = {"first": self.count + 1, "last": count}
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")  # a hundred thousand take their time
            cursor.execute("SET session_replication_role = replica")
            for kind in self.kinds:
                cursor.execute(self._copy(kind), span | self.originals)
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("ANALYZE")
            cursor.execute("RESET statement_timeout")
        self.count = count

    def _copy(self, kind: Kind) -> str:
        fields = [field for field in kind._meta.concrete_fields if not field.generated]
        varied, table = set(_varied(kind, self.kinds)), kind._meta.db_table
        columns = ", ".join(f'"{field.column}"' for field in fields)
        values = ", ".join(self._value(f'{table}."{f.column}"', f, f in varied) for f in fields)
        return f"""
            INSERT INTO {table} ({columns})
            SELECT {values} FROM {table}, generate_series(%(first)s, %(last)s) AS copies(nth)
             WHERE {table}."{kind._meta.pk.column}" = ANY(%({table})s)"""

    def _value(self, column: str, field: Field, is_varied: bool) -> str:
        if field.related_model in self.kinds:
            copied = f"%({field.related_model._meta.db_table})s"
            other = _another(field.target_field, column)
            return f"CASE WHEN {column} = ANY({copied}) THEN {other} ELSE {column} END"
        return _another(field, column) if is_varied else column


def all_but_one_of(kinds: Collection[Kind]) -> list[Kind | models.Model]:
    """What is kept where there is to be much of a few kinds, and of one row of each."""
    others = [kind for kind in _kinds() if kind not in kinds]
    return [*others, *(row for kind in kinds for row in kind._base_manager.order_by("-pk")[1:])]


def _kinds() -> Iterator[Kind]:
    for app in APPS:
        yield from apps.get_app_config(app).get_models(include_auto_created=True)


def _varied(kind: Kind, copied: Collection[Kind]) -> Iterator[Field]:
    """What must differ because nothing else of its key or of a unique constraint does."""
    meta = kind._meta
    keys = [[field.name] for field in meta.concrete_fields if field.unique]
    keys += [_named(one) for one in meta.constraints if isinstance(one, models.UniqueConstraint)]
    for names in keys:
        fields = [meta.get_field(name) for name in names]
        own = [field for field in fields if not field.is_relation and not field.choices]
        if own and not any(field.related_model in copied for field in fields):
            yield max(own, key=lambda field: field.max_length or 0)


def _named(one: models.UniqueConstraint) -> list[str]:
    """The fields of a constraint, also where it is about `Lower("word")`."""
    parts = [part for expression in one.expressions for part in expression.flatten()]
    return [*one.fields, *(part.name for part in parts if isinstance(part, models.F))]


def _another(field: Field, column: str) -> str:
    """The same for the same original and the nth copy, wherever it is mentioned."""
    while field.is_relation:
        field = field.target_field
    if isinstance(field, models.UUIDField):
        return f"md5({column}::text || nth)::uuid"
    if isinstance(field, models.CharField):
        return f"left({column}, {field.max_length - 6}) || lpad(nth::text, 6, '0')"
    return f"{column} + nth::bigint * {FAR}"
