"""Nothing that is sent becomes part of a statement: values go beside it, all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Workspace
from tests.api import world as worlds
from tests.api.tools import API, queries
from tests.api.world import UNBOUNDED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: It stands in every payload and in no statement of ours.
MARK = "zqx7"
PAYLOADS = [
    f"{MARK}' OR '1'='1",
    f"{MARK}'; SELECT pg_sleep(9)--",
    f'{MARK}" UNION SELECT 1--',
    f"{MARK}') OR 1=1--",
    f"{MARK}\\' OR 1=1--",
    f"{MARK}%' OR 1=1--",
    f"{MARK}$$; DROP TABLE accounts_user; $$",
    f"{MARK}%(id)s %s {{0}}",
    f"-1 OR {MARK}=1",
    f"{MARK}`id`",
    f"{MARK}/**/OR/**/1=1",
    f"{MARK}' || (SELECT version()) || '",
    f"{MARK}ʼ OR 1=1--",
    f"{MARK}\u02b9;--",
    f"(SELECT {MARK})",
    f"{MARK},id",
    f"{MARK}__in",
    f"-{MARK}",
]
Place = tuple[str, str, str, str]  # method, address, where, name


def places(document: dict[str, Any]) -> Iterator[Place]:
    """Whatever of a request is a text, by the description."""
    for path, item in document["paths"].items():
        if path.endswith("/events"):
            continue
        for method in ("get", "post", "patch", "delete"):
            if operation := item.get(method):
                for one in operation.get("parameters", []):
                    yield method, path, one["in"], one["name"]
                for name in fields(document, operation):
                    yield method, path, "body", name


def fields(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "")
    shape = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    return list(shape.get("properties", {}))


def sent(api: API, place: Place, payload: str, id: str) -> Any:
    method, path, where, name = place
    path = path.replace(f"{{{name}}}", "{mine}") if where == "path" else path
    headers = {"Authorization": f"Bearer {api.key}"}
    if where == "header":
        headers[name] = payload.encode().decode("latin-1")
    body = json.dumps({name: payload} if where == "body" else {})
    options: dict[str, Any] = {"headers": headers}
    if method in ("post", "patch"):
        options |= {"data": body, "content_type": "application/json"}
    if where == "query":
        options["query_params"] = {name: payload}
    address = path.replace("{mine}", payload.replace("/", "")).replace("{id}", id)
    answer = getattr(api.client, method)(address, **options)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


@pytest.mark.parametrize("kinds", [1, pytest.param(len(PAYLOADS), marks=pytest.mark.long)])
def test_no_text_of_a_request_stands_in_a_statement(client, tmp_path, kinds):
    place_of_ours = worlds.a_place("Oneword", tmp_path)
    Workspace.objects.filter(pk=place_of_ours.workspace.pk).update(**UNBOUNDED)
    api, id = API(place_of_ours.owner), place_of_ours.things["generation"]
    document = client.get("/api/v1/openapi.json").json()

    found, wrong = list(places(document)), []
    for place in found:
        for payload in PAYLOADS[:kinds]:
            with queries() as asked:
                answer = sent(api, place, payload, id)
            spoken = [sql for sql in asked if MARK in str(sql)]
            if spoken or answer.status_code >= 500:
                wrong.append((place, payload, answer.status_code, spoken[:1]))
    assert not wrong
    assert len(found) > 100
