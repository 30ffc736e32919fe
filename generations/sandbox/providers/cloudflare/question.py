"""
How the gateway's logs are searched: the query parameters of the published SDK (cloudflare 5.9.0,
types/ai_gateway/log_list_params.py).

`filters` is accepted in two forms: as one JSON array, which is what live clients send, and as the
SDK writes it, `filters.key=…&filters.operator=…&filters.value=…`, repeated. The filters on
`metadata.key` and `metadata.value` know nothing of each other: a call tagged {"a": "x", "b": "y"}
matches key a with value y.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from multidict import MultiMapping

from generations.sandbox.providers.base import Body

Test = Callable[[Body], bool]

MOST_PER_PAGE = 50

OPERATORS = ("eq", "neq", "contains", "lt", "gt")

FILTER_KEYS = (
    "id", "created_at", "request_content_type", "response_content_type", "request_type", "success",
    "cached", "provider", "model", "model_type", "cost", "tokens", "tokens_in", "tokens_out",
    "duration", "feedback", "event_id", "metadata.key", "metadata.value", "authentication",
    "wholesale", "compatibilityMode", "dlp_action", "user_agent",
)  # fmt: skip

SAME = ("cached", "feedback", "model", "model_type", "provider", "request_content_type",
        "response_content_type", "success")  # fmt: skip

MEASURED = ("cost", "duration", "tokens_in", "tokens_out", "total_tokens")

ORDERED_BY = ("created_at", "provider", "model", "model_type", "success", "cached")

KNOWN = frozenset(
    {"direction", "end_date", "filters", "filters.key", "filters.operator", "filters.value",
     "meta_info", "order_by", "order_by_direction", "page", "per_page", "search", "start_date",
     *SAME, *(f"{limit}_{name}" for name in MEASURED for limit in ("max", "min"))}
)  # fmt: skip


class BadQuestion(Exception):
    """Why a question cannot be answered, in words."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted of the logs: all tests must hold."""

    tests: tuple[Test, ...]
    order_by: str
    newest_first: bool
    page: int
    per_page: int

    def matches(self, rows: list[Body]) -> list[Body]:
        """The rows that are wanted, in order, of every page."""
        found = [row for row in rows if all(test(row) for test in self.tests)]
        found.sort(key=lambda row: (_plain(row[self.order_by]), row["id"]))
        return found[::-1] if self.newest_first else found

    def cut(self, rows: list[Body]) -> list[Body]:
        """Those of the page that was asked for."""
        first = (self.page - 1) * self.per_page
        return rows[first : first + self.per_page]


def read(query: MultiMapping[str]) -> Question:
    """The question in a query string. Raises BadQuestion."""
    if unknown := sorted(set(query) - KNOWN):
        raise BadQuestion(f"Unrecognized key: {unknown[0]}")
    direction = query.get("order_by_direction", query.get("direction", "desc"))
    return Question(
        tests=(*_plain_tests(query), *(_filter(each) for each in _filters(query))),
        order_by=_one_of("order_by", query.get("order_by", "created_at"), ORDERED_BY),
        newest_first=_one_of("order_by_direction", direction, ("asc", "desc")) == "desc",
        page=_count("page", query.get("page", "1")),
        per_page=_count("per_page", query.get("per_page", "20"), most=MOST_PER_PAGE),
    )


def metadata(row: Mapping[str, Any]) -> dict[str, Any]:
    """The tags of a call, however its row writes them."""
    tags = row["metadata"]
    found = json.loads(tags) if isinstance(tags, str) else tags
    return found if isinstance(found, dict) else {}


def _plain_tests(query: MultiMapping[str]) -> list[Test]:
    tests: list[Test] = []
    for name in SAME:
        if name in query:
            tests.append(_compared(name, "eq", query[name]))
    for name in MEASURED:
        if f"min_{name}" in query:
            tests.append(_limit(name, _number(f"min_{name}", query), smallest=True))
        if f"max_{name}" in query:
            tests.append(_limit(name, _number(f"max_{name}", query), smallest=False))
    if "start_date" in query:
        tests.append(_since(_moment(query["start_date"]), after=True))
    if "end_date" in query:
        tests.append(_since(_moment(query["end_date"]), after=False))
    if "search" in query:
        tests.append(lambda row: query["search"] in json.dumps(metadata(row)))
    return tests


def _filters(query: MultiMapping[str]) -> list[Mapping[str, Any]]:
    if "filters" not in query:
        parts = [query.getall(f"filters.{name}", []) for name in ("key", "operator", "value")]
        if len({len(part) for part in parts}) != 1:
            raise BadQuestion("filters: key, operator and value must come together")
        return [{"key": k, "operator": o, "value": [v]} for k, o, v in zip(*parts, strict=True)]
    try:
        filters = json.loads(query["filters"])
    except ValueError:
        filters = None
    if not isinstance(filters, list) or not all(isinstance(each, dict) for each in filters):
        raise BadQuestion("filters: Expected array")
    return filters


def _filter(wish: Mapping[str, Any]) -> Test:
    """One filter as a test: any of its values will do, except for `neq`."""
    key = _one_of("filters.key", wish.get("key"), FILTER_KEYS)
    operator = _one_of("filters.operator", wish.get("operator"), OPERATORS)
    values = wish.get("value")
    if not isinstance(values, list) or not values or set(wish) != {"key", "operator", "value"}:
        raise BadQuestion("filters.value: Expected array")
    tests = [_compared(key, operator, value) for value in values]
    if operator == "neq":
        return lambda row: all(test(row) for test in tests)
    return lambda row: any(test(row) for test in tests)


def _compared(key: str, operator: str, wanted: Any) -> Test:
    def test(row: Body) -> bool:
        found = _values(row, key)
        if operator == "neq":
            return all(_plain(value) != _plain(wanted) for value in found)
        return any(_holds(value, operator, wanted) for value in found)

    return test


def _holds(value: Any, operator: str, wanted: Any) -> bool:
    if operator == "eq":
        return _plain(value) == _plain(wanted)
    if operator == "contains":
        return str(wanted) in str(value)
    less = _sizes(value, wanted)
    return less is not None and (less[0] < less[1] if operator == "lt" else less[0] > less[1])


def _sizes(value: Any, wanted: Any) -> tuple[float, float] | None:
    """Both as numbers or moments, None when they cannot be."""
    for kind in (float, lambda text: _moment(str(text)).timestamp()):
        try:
            return kind(value), kind(wanted)
        except (BadQuestion, TypeError, ValueError):
            continue
    return None


def _values(row: Body, key: str) -> list[Any]:
    """What a row has under this key; of the tags all of them."""
    if key == "metadata.key":
        return list(metadata(row))
    if key == "metadata.value":
        return list(metadata(row).values())
    if key in ("tokens", "total_tokens"):
        return [row["tokens_in"] + row["tokens_out"]]
    return [row.get(key)]


def _plain(value: Any) -> str:
    """As text: true is True, and 6 is 6.0."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def _limit(name: str, limit: float, *, smallest: bool) -> Test:
    def test(row: Body) -> bool:
        (value,) = _values(row, name)
        return value is not None and (value >= limit if smallest else value <= limit)

    return test


def _since(moment: datetime, *, after: bool) -> Test:
    def test(row: Body) -> bool:
        created = _moment(row["created_at"])
        return created >= moment if after else created <= moment

    return test


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadQuestion(f"{name}: Invalid enum value. Expected {' | '.join(known)}")
    return str(value)


def _number(name: str, query: MultiMapping[str]) -> float:
    try:
        return float(query[name])
    except ValueError:
        raise BadQuestion(f"{name}: Expected number") from None


def _count(name: str, value: str, most: int | None = None) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise BadQuestion(f"{name}: Number must be greater than or equal to 1")
    if most is not None and int(value) > most:
        raise BadQuestion(f"{name}: Number must be less than or equal to {most}")
    return int(value)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuestion(f"Invalid datetime: {text}") from None
    return moment if moment.tzinfo else moment.astimezone()
