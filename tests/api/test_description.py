"""The API describes itself, and what it says of itself is true."""

from __future__ import annotations

import html
import io
import itertools
import json
import math
import re
import sys
from contextlib import suppress
from random import Random

import jsonschema
import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode

from accounts import events
from accounts.models import Workspace
from billing.api.shapes import NEW_API_KEY
from config.description import operations
from generations.api import examples
from generations.openai import examples as openai_examples
from tests.api.cases import Sender, chained
from tests.api.stock import Stock
from tests.api.tools import WORDS, a_picture
from tests.api.world import UNBOUNDED
from tests.openai.tools import OpenAI

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


def few(examples: int) -> settings:
    """So many at the most, and nothing of what was sent before."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def document(client) -> dict:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    return response.json()


def has_problems(operation: dict) -> bool:
    """OpenAI's clients know an envelope of their own."""
    return operation["tags"] != ["OpenAI shape"]


def test_the_description_is_valid_and_without_warnings():
    out = io.StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", "--format=openapi-json", stdout=out)

    assert json.loads(out.getvalue())["openapi"] == "3.1.0"


def test_the_description_needs_no_key_and_names_the_way_in(client):
    shown = document(client)

    assert shown["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert shown["info"]["license"]["identifier"] == "MIT"
    assert shown["servers"]
    for operation in operations(shown):
        assert operation["security"] == [{"bearer": []}]
        refused = PROBLEM if has_problems(operation) else "application/json"
        assert list(operation["responses"]["401"]["content"]) == [refused]


def test_every_operation_is_told_whole(client):
    shown = document(client)
    tags = {tag["name"] for tag in shown["tags"]}
    names = [operation["operationId"] for operation in operations(shown)]
    assert len(names) == len(set(names))
    for operation in operations(shown):
        name = operation["operationId"]
        assert operation["summary"], name
        assert set(operation["tags"]) <= tags, f"{name}: tell of its tag in config/about_the_api.py"
        for status, answer in operation["responses"].items():
            assert "X-Request-Id" in answer["headers"], name
            for media_type, content in answer.get("content", {}).items():
                if media_type.endswith("json"):
                    assert content.get("examples"), f"{name} {status} needs an example"
                is_refusal = int(status) >= 400 and has_problems(operation)
                assert (media_type == PROBLEM) == is_refusal, name
        assert "Retry-After" in operation["responses"]["503"]["headers"], name


def test_every_post_takes_an_idempotency_key(client):
    for path in document(client)["paths"].values():
        if "post" in path:
            names = {one["name"] for one in path["post"]["parameters"]}
            assert "Idempotency-Key" in names, path["post"]["operationId"]


def test_every_event_is_described_with_an_example_of_its_shape(client):
    shown = document(client)
    assert set(shown["webhooks"]) == set(events.TYPES)
    event = shown["components"]["schemas"]["Event"]
    for type, webhook in shown["webhooks"].items():
        example = webhook["post"]["requestBody"]["content"]["application/json"]["example"]
        jsonschema.validate(example, event)
        assert example["type"] == type


def test_links_lead_to_operations_that_exist(client):
    shown = document(client)
    names = {operation["operationId"] for operation in operations(shown)}
    for operation in operations(shown):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                assert link["operationId"] in names


def test_examples_fit_the_shapes_that_are_described(client):
    shown = document(client)
    for operation in operations(shown):
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    whole = content["schema"] | {"components": shown["components"]}
                    jsonschema.validate(example["value"], whole)


def test_examples_have_exactly_the_names_that_are_answered(api, alice):
    quote = api.post("/quotes", {"model": "hailuo-2.3"}).json()
    upload = api.upload(a_picture()).json()
    generation = api.post("/generations", WORDS).json()
    key = api.post("/api-keys", {"name": "CI"}).json()
    video = OpenAI(alice).json(WORDS).json()
    videos = OpenAI(alice).get("/videos").json()

    for real, example in [
        (quote, examples.QUOTE),
        (upload, examples.UPLOAD),
        (generation, examples.GENERATION),
        (key, NEW_API_KEY),
        (video, openai_examples.VIDEO),
        (videos, openai_examples.VIDEOS),
    ]:
        assert list(real) == list(example)
    assert set(quote["spec"]) == set(examples.QUOTE["spec"])
    assert list(quote["routes"][0]) == list(examples.QUOTE["routes"][0])


@pytest.mark.django_db
def test_the_page_for_people_names_every_address_field_and_event_of_the_document(client):
    document = client.get("/api/v1/openapi.json").json()
    page = html.unescape(client.get("/api/docs").content.decode())
    for path, found in document["paths"].items():
        for operation in found.values():
            assert f'<code class="call__path">{path}</code>' in page
            assert f'id="{operation["operationId"].lower()}"' in page, operation["operationId"]
    for event in document["webhooks"]:
        assert f'<code class="call__path">{event}</code>' in page
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert f"<code>{field}</code>" in page, (name, field)


@pytest.mark.django_db
def test_links_between_shapes_lead_somewhere(client):
    page = client.get("/api/docs").content.decode()
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in ids} == set()
    assert len(ids) == len(re.findall(r' id="([^"]+)"', page))


LONG = [pytest.mark.long, pytest.mark.timeout(8 * 3600)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(
    "cases", [500, pytest.param(5_000, marks=LONG), pytest.param(50_000, marks=LONG)]
)
def test_whatever_is_sent_the_answer_is_one_that_is_described(sender, mode, cases):
    """
    Half of the cases in each mode. A case is one request that was made up and whose answer was
    judged; operations with few different requests leave what they lack to the others.
    """
    ready, wanted = [result.ok() for result in sender.schema.get_all_operations()], cases // 2
    found = len(ready)

    for number in itertools.count():
        share = math.ceil((wanted - sender.sent.total()) / len(ready))
        ready = [one for one in ready if asked(sender, one, mode, share, number) == share]
        if sender.sent.total() >= wanted:
            break

    sys.stderr.write(f"{sender.sent.total()} cases, {found} operations, {mode}: {sender.told}\n")
    assert not any(status == 500 for status in sender.sent)


def asked(sender: Sender, operation, mode: GenerationMode, most: int, number: int) -> int:
    """How many cases there were; the same ones every time for each `number`."""
    before = sender.sent.total()

    @given(case=operation.as_strategy(generation_mode=mode))
    @few(most)
    @seed(number)
    def send(case) -> None:
        sender.send(case)

    with suppress(Unsatisfiable):  # there is nothing wrong that could be sent to it
        send()
    return sender.sent.total() - before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("chains", [5, pytest.param(500, marks=LONG)])
def test_what_was_made_can_be_followed_by_the_links_until_it_is_gone(sender, chains):
    """Twenty requests after one another, many about what one before has made."""
    run_state_machine_as_test(
        chained(sender), settings=settings(few(chains), stateful_step_count=20)
    )

    sys.stderr.write(f"{sender.sent.total()} cases in {chains} chains: {sender.told}\n")
    assert not any(status == 500 for status in sender.sent)


@pytest.fixture
def sender(alice, stripe, film) -> Sender:
    """Nobody is slowed down here."""
    Workspace.objects.filter(pk=alice.workspace_id).update(**UNBOUNDED)
    chance = Random(20261130)
    return Sender(alice, Stock(alice, film=film, chance=chance), chance)
