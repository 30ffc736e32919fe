"""
Queries that every order makes, with SQL that is made once.

Django makes the SQL of a query anew each time it is asked, which takes several times as long as
PostgreSQL takes to answer it. Worth it only where a request is made of little else.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import IPv4Address
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)

#: What stands in for a parameter of each type while the SQL is made: values that nobody else uses.
#: Addresses are given as text, as fields for them take them.
PLACES: dict[type, Callable[[int], Any]] = {
    str: lambda number: f"parameter {number}",
    IPv4Address: lambda number: f"255.255.255.{number}",
    uuid.UUID: lambda number: uuid.UUID(int=2**128 - 1 - number),
    datetime: lambda number: datetime.max.replace(tzinfo=UTC) - timedelta(days=1 + number),
}


class Prepared(Generic[M]):
    """
    `Prepared(build, str, datetime)("a", now)` is `list(build("a", now))`, as one statement.

    :param build: hands its parameters to a query, with `select_related` and annotations if need
        be, and looks at none of them: it is called once.
    :param kinds: the type of each parameter; each one is used.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *kinds: type) -> None:
        self.build, self.kinds = build, kinds

    def __call__(self, *values: Any) -> list[M]:
        made = self._made
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [place(values) for place in made.parameters])
            return [made.instance(row) for row in made.converted(cursor.fetchall())]

    @cached_property
    def _made(self) -> _Made[M]:
        places = [PLACES[kind](number) for number, kind in enumerate(self.kinds)]
        names = [str(place) for place in places]
        compiler = self.build(*places).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if missing := set(names) - {str(one) for one in parameters}:
            raise TypeError(f"not among the parameters of {sql}: {missing}")
        return _Made(compiler, sql, [_place(one, names) for one in parameters])


@dataclass(frozen=True)
class _Made(Generic[M]):
    """One query as it is sent, and how a row of its answer becomes an object."""

    compiler: Any
    sql: str
    parameters: Sequence[Callable[[Sequence[Any]], Any]]

    def converted(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """As fields want them."""
        shown: Iterator[tuple[Any, ...]] = self.compiler.results_iter([rows], tuple_expected=True)
        return shown

    def instance(self, row: tuple[Any, ...]) -> M:
        begin, end, names, model = self._columns
        one: M = model.from_db(connection.alias, names, row[begin:end])
        for related in self._related:
            related.populate(row, one)
        for name, column in self.compiler.annotation_col_map.items():
            setattr(one, name, row[column])
        return one

    @cached_property
    def _columns(self) -> tuple[int, int, list[str], type[M]]:
        """As Django's own `ModelIterable` has them."""
        columns = self.compiler.klass_info["select_fields"]
        begin, end = columns[0], columns[-1] + 1
        names = [one[0].target.attname for one in self.compiler.select[begin:end]]
        return begin, end, names, self.compiler.klass_info["model"]

    @cached_property
    def _related(self) -> list[Any]:
        compiler, populators = self.compiler, cast(Any, get_related_populators)
        return list(populators(compiler.klass_info, compiler.select, connection.alias))


def _place(parameter: Any, names: list[str]) -> Callable[[Sequence[Any]], Any]:
    """Takes its value out of those of a call; what is no parameter is always the same."""
    if str(parameter) in names:
        number = names.index(str(parameter))
        return lambda values: values[number]
    return lambda values: parameter
