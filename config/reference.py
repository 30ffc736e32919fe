"""The API reference for people: the OpenAPI document as one page of ours, read once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
REF = "#/components/schemas/"
#: What an address needs that is answered with a problem.
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table: a name with its type, the shapes it leads to, and what is said of it."""

    name: str
    type: str
    shapes: tuple[str, ...] = ()
    text: str = ""
    values: tuple[str, ...] = ()
    is_required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    text: str
    shapes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` is an example of a request, `answer` one of what comes back when all is well."""

    id: str
    method: str
    path: str
    title: str
    text: str
    is_open: bool
    parameters: tuple[Field, ...]
    fields: tuple[Field, ...]
    body: str
    curl: str
    answers: tuple[Answer, ...]
    problems: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Part:
    """Operations under one heading."""

    name: str
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    title: str
    text: str
    parts: tuple[Part, ...]
    shapes: tuple[Shape, ...]


def read(document: Mapping[str, Any]) -> Reference:
    return _Reader(document).reference()


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self.server: str = document["servers"][0]["url"]

    def reference(self) -> Reference:
        by_tag: dict[str, list[Operation]] = defaultdict(list)
        for tag, operation in self._operations():
            by_tag[tag].append(operation)
        parts = [
            Part(tag["name"], tag["description"], tuple(by_tag[tag["name"]]))
            for tag in self.document["tags"]
        ]
        shapes = [
            Shape(name, schema.get("description", ""), self._fields(schema))
            for name, schema in sorted(self.schemas.items())
            if schema.get("properties")
        ]
        info = self.document["info"]
        return Reference(info["title"], info["description"], tuple(parts), tuple(shapes))

    def _operations(self) -> Iterator[tuple[str, Operation]]:
        for path, found in self.document["paths"].items():
            for method in METHODS:
                if one := found.get(method):
                    yield one["tags"][0], self._operation(method.upper(), path, one)
        for name, found in self.document.get("webhooks", {}).items():
            yield "Webhooks", self._operation("POST", name, found["post"], is_ours=True)

    def _operation(
        self, method: str, path: str, one: Mapping[str, Any], *, is_ours: bool = False
    ) -> Operation:
        content = one.get("requestBody", {}).get("content", {})
        kind, sent = next(iter(content.items()), ("", dict[str, Any]()))
        body = _example(sent)
        answers = one.get("responses", {})
        good = [status for status in sorted(answers) if status < "400"]
        return Operation(
            id=one["operationId"],
            method="sends" if is_ours else method,
            path=path,
            title=one.get("summary", path),
            text=one.get("description", ""),
            is_open=not one.get("security", True),
            parameters=tuple(self._parameter(p) for p in one.get("parameters", [])),
            fields=self._fields(self._whole(sent.get("schema", {}))),
            body=_pretty(body) if is_ours else "",
            curl="" if is_ours else self._curl(method, path, one, kind, body),
            answers=tuple(self._answer(status, answers[status]) for status in good),
            problems=tuple(status for status in sorted(answers) if status >= "400"),
            answer=self._good_example(answers, good),
        )

    def _parameter(self, one: Mapping[str, Any]) -> Field:
        where = {"path": "in the path", "query": "query", "header": "header"}[one["in"]]
        schema = one.get("schema", {})
        field = self._field(one["name"], {"description": one.get("description", ""), **schema})
        return Field(
            name=one["name"],
            type=f"{where}, {field.type}",
            text=one.get("description", field.text),
            values=field.values,
            is_required=one.get("required", False),
            default=field.default,
        )

    def _answer(self, status: str, one: Mapping[str, Any]) -> Answer:
        shapes = [
            name
            for sent in one.get("content", {}).values()
            for name in self._names(sent.get("schema", {}))
        ]
        return Answer(status, one.get("description", ""), tuple(dict.fromkeys(shapes)))

    def _good_example(self, answers: Mapping[str, Any], good: list[str]) -> str:
        for status in good:
            for sent in answers[status].get("content", {}).values():
                if (example := _example(sent)) is not None:
                    return _pretty(example)
        return ""

    def _curl(self, method: str, path: str, one: Mapping[str, Any], kind: str, body: object) -> str:
        lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{self.server}{path}"]
        if one.get("security", True):
            lines.append('-H "Authorization: Bearer $REELAY_API_KEY"')
        if kind == "application/json" and body is not None:
            text = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
            lines += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
        return " \\\n  ".join(lines)

    def _whole(self, schema: Schema) -> Schema:
        names = self._refs(schema)
        return self.schemas[names[0]] if names and "properties" not in schema else schema

    def _fields(self, schema: Schema) -> tuple[Field, ...]:
        required = schema.get("required", ())
        return tuple(
            self._field(name, one, is_required=name in required)
            for name, one in schema.get("properties", {}).items()
        )

    def _field(self, name: str, schema: Schema, *, is_required: bool = False) -> Field:
        default = schema.get("default")
        return Field(
            name=name,
            type=self._type(schema),
            shapes=self._names(schema),
            text=schema.get("description", ""),
            values=self._values(schema),
            is_required=is_required,
            default="" if default is None else json.dumps(default, ensure_ascii=False),
        )

    def _type(self, schema: Schema) -> str:
        """Such as “string or null”, or “list of”, before the shapes it leads to."""
        if "items" in schema:
            inner = self._type(schema["items"])
            return f"list of {inner}" if inner else "list of"
        found: list[str] = []
        for part in _parts(schema):
            for ref in self._refs(part) if "$ref" in part else []:
                if "properties" not in self.schemas[ref]:
                    found.append(self._type(self.schemas[ref]))
            kinds = part.get("type", [])
            found += [kinds] if isinstance(kinds, str) else kinds
        if schema.get("format"):
            found = [schema["format"] if kind == "string" else kind for kind in found]
        return " or ".join(dict.fromkeys(kind for kind in found if kind))

    def _values(self, schema: Schema) -> tuple[str, ...]:
        found: list[object] = []
        for part in [*_parts(schema), *_parts(schema.get("items", {}))]:
            named = self.schemas[part["$ref"].removeprefix(REF)] if "$ref" in part else part
            found += named.get("enum", []) or ([named["const"]] if "const" in named else [])
        return tuple(str(value) for value in found if value is not None)

    def _names(self, schema: Schema) -> tuple[str, ...]:
        """The shapes with fields that it may have."""
        found = self._refs(schema)
        return tuple(name for name in found if "properties" in self.schemas[name])

    def _refs(self, schema: Schema) -> list[str]:
        found: list[str] = []
        for part in [*_parts(schema), *_parts(schema.get("items", {}))]:
            if "$ref" in part:
                name = part["$ref"].removeprefix(REF)
                inner = [] if "properties" in self.schemas[name] else self._refs(self.schemas[name])
                found += inner or [name]
        return list(dict.fromkeys(found))


def _parts(schema: Schema) -> list[Schema]:
    """What it is made of, or one of; itself where it is neither."""
    found = [*schema.get("allOf", []), *schema.get("oneOf", []), *schema.get("anyOf", [])]
    return found or [schema]


def _example(sent: Mapping[str, Any]) -> object:
    if "example" in sent:
        return sent["example"]
    return next((one.get("value") for one in sent.get("examples", {}).values()), None)


def _pretty(example: object) -> str:
    return (
        example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    )
