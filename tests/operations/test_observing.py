"""Whoever is woken finds out what is wrong; nobody reads a secret on the way."""

from __future__ import annotations

import json
import logging
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts import bindings, tallies
from accounts.models import DataExport, Erasure
from accounts.redis_client import client as redis
from billing import audit
from config import beat
from config.logging import JSON, Plain
from config.observing import metrics, outside, probes
from generations import connect, transport
from generations.models import Generation
from generations.providers import REGISTRY, create
from generations.providers.base import ProviderError
from tests.site import lives

OPS = Path(__file__).parents[2] / "docs" / "ops"
SECRETS = [
    "rly_live_abcdefghij0123456789",
    "/webhooks/providers/runware/0123456789abcdef0123456789abcdefXyZ",
    "/files/abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij",
    "https://s3.example/clip.mp4?X-Amz-Credential=AKIA&X-Amz-Signature=0123456789abcdef",
    "Authorization: Bearer 0123456789abcdef",
    "sk_live_0123456789abcdef",
    "whsec_0123456789abcdef0123456789",
    "postgresql://reelay:0123456789abcdef@host/reelay",
]
TOLD = re.compile(r"0123456789abcdef|abcdefghij0123456789|abcdefghijabcdefghij")


@pytest.fixture(autouse=True)
def _nothing_counted():
    tallies.forget()
    redis().delete(beat.SEEN, audit.LAST)


def written(message, *args, formatter, error=None, **facts):
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("reelay", logging.INFO, "", 0, message, args, exc_info)
    record.facts = facts
    return formatter().format(record)


@pytest.mark.parametrize("formatter", [JSON, Plain])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_written_down_wherever_it_stands(secret, formatter):
    try:
        raise ValueError(f"it broke at {secret}")
    except ValueError as error:
        line = written("asked %s", secret, formatter=formatter, error=error, path=secret)

    assert "***" in line
    assert not TOLD.search(line)


def test_a_line_says_what_it_is_about():
    with bindings.about(request="req-12345678"):
        bindings.add(workspace="wks_1", generation="gen_2", attempt="3")
        line = json.loads(written("looked", formatter=JSON, ms=4))
    after = json.loads(written("looked", formatter=JSON))

    assert (
        line.items()
        >= {
            "request": "req-12345678",
            "workspace": "wks_1",
            "generation": "gen_2",
            "attempt": "3",
            "ms": "4",
        }.items()
    )
    assert "request" not in after


def test_every_request_is_a_line_with_its_id_and_its_workspace(client, alice, caplog):
    client.force_login(alice.user)
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(json.loads(JSON().format(record)))
    logger = logging.getLogger("config.observing.requests")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        client.get("/studio", headers={"X-Request-Id": "a-request-of-mine"})
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.WARNING)

    assert lines[0]["request"] == "a-request-of-mine"
    assert lines[0]["workspace"] == alice.workspace.public_id
    assert lines[0]["status"] == "200"


def scraped(client, **headers):
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return list(text_string_to_metric_families(answer.content.decode()))


def test_metrics_count_requests_and_sort_their_times(client, alice):
    for _ in range(3):
        client.get("/healthz")

    families = {family.name: family for family in scraped(client)}
    counted = {
        sample.labels["view"]: sample.value
        for sample in families["reelay_requests"].samples
        if sample.name == "reelay_requests_total"
    }
    buckets = [
        sample.value
        for sample in families["reelay_request_seconds"].samples
        if sample.labels.get("view") == "healthz" and sample.name.endswith("_bucket")
    ]
    assert counted["healthz"] == 3
    assert buckets == sorted(buckets)
    assert buckets[-1] == 3


def test_metrics_tell_of_orders_money_loops_and_the_audit(client, alice):
    lives.running(lives.ordered(alice))
    lives.delivered(lives.ordered(alice))
    audit.run(now=timezone.now())

    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in scraped(client)
        for sample in family.samples
    }

    assert found["reelay_generations_under_way", "running"] == 1
    assert found["reelay_money_held_dollars",] == pytest.approx(0.28)
    assert found["reelay_audit_faults",] == 0
    assert found["reelay_provider_in_flight", "runware"] == 1
    assert found["reelay_attempts_last_hour", "", "runware", "succeeded"] == 1
    assert found["reelay_loop_due", "notify"] == 1
    assert all(value == 0 for (name, *_), value in found.items() if name == "reelay_scrape_errors")


def test_every_call_to_a_provider_is_counted_by_what_came_of_it_and_timed(client, db):
    provider, gone = connect.provider("runware"), "http://127.0.0.1:1/"
    for _ in range(2):
        with pytest.raises(ProviderError):
            transport.run(create("runware", base_url=gone, api_key="k" * 32).balance(), timeout=5)

    found = {family.name: family.samples for family in scraped(client)}

    labels = {"provider": provider.name, "call": "balance"}
    (counted,) = found["reelay_provider_calls"]
    assert (counted.labels, counted.value) == (labels | {"outcome": "busy"}, 2)
    timed = [one for one in found["reelay_provider_call_seconds"] if one.name.endswith("_count")]
    assert [(one.labels, one.value) for one in timed] == [(labels, 2)]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_calls_are_counted_under_the_name_that_the_provider_has_everywhere(name):
    """They are named by their adapters' own functions."""
    exchange = create(name, base_url="https://x.example", api_key="k", options=OPTIONS).look([])

    assert exchange.__qualname__.lower() == f"{name}.look"


#: What an adapter takes besides a key.
OPTIONS = {"account_id": "a", "gateway_id": "g"}


def test_data_and_erasures_that_wait_are_told_and_take_no_process_away(client, alice):
    beat.seen()
    day_ago = timezone.now() - timedelta(days=1)
    DataExport.objects.create(user=alice.user, asked_at=day_ago)
    Erasure.objects.create(user=alice.user, due_at=day_ago)

    lags = {
        sample.labels["loop"]: sample.value
        for family in scraped(client)
        if family.name == "reelay_loop_lag_seconds"
        for sample in family.samples
    }

    assert lags["exports"] >= 86_400
    assert lags["erasures"] >= 86_400
    assert client.get("/readyz").json()["checks"]["oldest_due"]["ok"]


def test_a_row_that_waits_too_long_is_named_with_its_loop(client, alice):
    one = lives.ordered(alice)
    Generation.objects.filter(pk=one.pk).update(due_at=timezone.now() - timedelta(minutes=2))

    oldest = client.get("/readyz").json()["checks"]["oldest_due"]

    assert not oldest["ok"]
    assert "dispatch: a row has waited for 12" in oldest["detail"]


def test_metrics_are_for_this_machine_and_for_whoever_has_the_token(client, db, settings):
    far = {"REMOTE_ADDR": "203.0.113.7"}
    assert client.get("/metrics", **far).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer "}, **far).status_code == 401

    settings.METRICS_TOKEN = "a-long-token"
    right, wrong = ({"Authorization": f"Bearer {word}"} for word in ("a-long-token", "another"))
    assert client.get("/metrics", headers=right, **far).status_code == 200
    assert client.get("/metrics", headers=wrong, **far).status_code == 401


def test_what_the_dashboard_and_the_alerts_ask_for_is_served():
    asked = set()
    for name in ("grafana.json", "alerts.yml"):
        asked |= set(re.findall(r"reelay_[a-z_]+", (OPS / name).read_text()))
    endings = {"gauge": [""], "counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    served = {
        f"reelay_{name}{ending}"
        for name, (kind, _) in metrics.NAMES.items()
        for ending in endings[kind]
    }

    assert asked <= served
    assert {f"reelay_{name}" for name in metrics.NAMES} <= {
        re.sub(r"_(total|bucket)$", "", name) for name in asked
    }


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    rules = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"][0]["rules"]

    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]
    panels = json.loads((OPS / "grafana.json").read_text())["panels"]
    assert all(panel["targets"] for panel in panels)


def test_ready_says_what_each_dependency_answered(client, db):
    beat.seen()

    answer = client.get("/readyz")

    assert answer.status_code == 200
    said = answer.json()
    assert said["status"] == "ready"
    assert set(said["checks"]) == set(probes.PROBES)
    assert all(check["ok"] for check in said["checks"].values())


def test_what_is_away_is_named_and_nothing_of_where_it_is(client, db, settings):
    settings.REDIS_URL = "redis://:a-word-of-ours@127.0.0.1:1/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"]["detail"] == "ConnectionError"
    assert not re.search(r"a-word-of-ours|127\.0\.0\.1", answer.content.decode())
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_silent_beat_is_told_and_takes_no_web_process_away(client, db):
    redis().set(beat.SEEN, time.time() - 100)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert not answer.json()["checks"]["beat"]["ok"]


def test_storage_that_cannot_be_written_is_a_503(client, db, settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "file" / "below"},
        },
    }
    probes.forget()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer.json()["code"] == "unavailable"
    assert not answer.json()["checks"]["storage"]["ok"]


@pytest.mark.parametrize("name", ["SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_missing_package_is_named(settings, name):
    setattr(settings, name, "https://key@sentry.example/1")

    with pytest.raises(ImproperlyConfigured, match=f"{name} is set, and .* is not installed"):
        outside.start()


def test_what_goes_to_sentry_holds_no_secret():
    event = {"message": SECRETS[0], "breadcrumbs": [{"data": {"url": SECRETS[1]}}]}

    assert not TOLD.search(json.dumps(outside.masked(event)))
