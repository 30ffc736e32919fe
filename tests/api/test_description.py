"""The API describes itself, and what it says of itself is true."""

from __future__ import annotations

import io
import json
import re

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from generations.api import examples
from tests.api.tools import WORDS, a_picture

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: 14 operations in two modes: 280 requests.
FEW = settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def document(client) -> dict:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    return response.json()


def test_the_description_is_valid_and_without_warnings():
    out = io.StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", "--format=openapi-json", stdout=out)

    assert json.loads(out.getvalue())["openapi"] == "3.1.0"


def test_the_description_needs_no_key_and_names_the_way_in(client):
    shown = document(client)

    assert shown["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert len(shown["paths"]) == 12
    for path in shown["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"bearer": []}]
            assert operation["operationId"]
            unauthorized = operation["responses"]["401"]["content"]
            assert list(unauthorized) == ["application/problem+json"]


def test_examples_have_exactly_the_names_that_are_answered(api):
    quote = api.post("/quotes", {"model": "hailuo-2.3"}).json()
    upload = api.upload(a_picture()).json()
    generation = api.post("/generations", WORDS).json()

    for real, example in [
        (quote, examples.QUOTE),
        (upload, examples.UPLOAD),
        (generation, examples.GENERATION),
    ]:
        assert list(real) == list(example)
    assert set(quote["spec"]) == set(examples.QUOTE["spec"])
    assert list(quote["routes"][0]) == list(examples.QUOTE["routes"][0])


def test_the_browsable_page_runs_no_script_of_its_own_text(client):
    response = client.get("/api/docs")

    page = response.content.decode()
    assert response.status_code == 200
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, flags=re.S)
    assert len(scripts) >= 3
    for attributes, text in scripts:
        assert "src=" in attributes
        assert not text.strip()
    assert not re.search(r"\son\w+=", page)
    assert "//cdn" not in page
    assert "script-src 'self'" in response["Content-Security-Policy"]
    script = client.get(re.findall(r'src="([^"]*script[^"]*)"', page)[-1].replace("&amp;", "&"))
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/openapi.json" in script.content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_sent_the_answer_is_one_that_is_described(api, mode):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == 14

    for operation in operations:

        @given(case=operation.as_strategy(generation_mode=mode))
        @FEW
        def send(case) -> None:
            response = case.call(headers={"Authorization": f"Bearer {api.key}"})
            case.validate_response(response, checks=CHECKS)

        try:
            send()
        except Unsatisfiable:  # there is nothing wrong that could be sent to it
            continue
