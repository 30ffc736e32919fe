"""The control endpoint, and who may use it."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

from tests.generations.sandbox.house import PROJECT, a_task, a_uuid

pytestmark = pytest.mark.slow


def test_without_the_token_nothing_is_told(house):
    wrong = {"Authorization": "Bearer guess"}

    assert house.client.get("/control/jobs").status_code == 401
    assert house.client.get("/control/jobs", headers=wrong).status_code == 401
    assert house.client.post("/control/reset", headers=wrong).status_code == 401


def test_without_a_configured_token_there_is_no_control_endpoint(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "SANDBOX_TOKEN"}
    command = [sys.executable, "-m", "generations.sandbox", "--port", "0", "--state", str(tmp_path)]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            url = process.stdout.readline().split()[1]
            control = httpx.get(f"{url}/control/jobs", headers={"Authorization": "Bearer"})
            health = httpx.get(f"{url}/healthz")
        finally:
            process.terminate()

    assert (control.status_code, health.status_code) == (404, 200)


def test_it_listens_on_this_machine_only(tmp_path):
    command = [
        sys.executable,
        "-m",
        "generations.sandbox",
        "--host",
        "0.0.0.0",
        "--state",
        str(tmp_path),
    ]

    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=20)

    assert done.returncode != 0
    assert "loopback" in done.stderr


def test_importing_the_sandbox_loads_neither_django_nor_the_video_libraries():
    check = "import generations.sandbox.__main__, sys; print({'django', 'av'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", check], cwd=PROJECT, capture_output=True, text=True, timeout=20
    )

    assert done.stdout.strip() == "set()"


def test_it_is_a_management_command_too(tmp_path):
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", "--state", str(tmp_path)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            ready = process.stdout.readline()
        finally:
            process.terminate()

    assert ready.startswith("ready http://127.0.0.1:")
    assert process.returncode == 0


def test_jobs_tell_posts_state_money_and_prompt(house):
    task = a_task(positivePrompt="Waves at dawn [[stock]]")
    house.post(task)
    house.post(task)
    house.finished(task["taskUUID"])

    job = house.job(task["taskUUID"])

    assert job["provider"] == "runware"
    assert (job["state"], job["posts"], job["billed"]) == ("succeeded", 2, 280_000)
    assert job["prompt"] == "Waves at dawn [[stock]]"


def test_counters_add_up(house):
    house.post(a_task(), a_task(fps=1))
    house.poll(a_uuid(), a_uuid())

    counters = house.counters()

    assert counters["runware.requests"] == 2
    assert counters["runware.submits"] == 2
    assert counters["runware.accepted"] == 1
    assert counters["runware.refused"] == 1
    assert counters["runware.polls"] == 1


def test_a_rule_applies_so_many_times_and_then_no_more(house):
    house.set(times=2, **{"429": True})

    assert [house.post(a_task()).status_code for _ in range(3)] == [429, 429, 200]


def test_a_rule_without_a_number_applies_until_cleared(house):
    house.set(model_unavailable=True)

    before = [house.post(a_task()).status_code for _ in range(3)]
    house.control("DELETE", "knobs")

    assert before == [503, 503, 503]
    assert house.post(a_task()).status_code == 200


def test_rules_can_be_read_and_replaced(house):
    house.set(slow=5)
    house.set(times=3, slow=7)

    rules = house.control("GET", "knobs").json()["rules"]

    assert rules == [{"provider": "runware", "knob": "slow", "value": 7.0, "times": 3}]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("knobs", {"knobs": {"explode": True}}),
        ("knobs", {"knobs": {"slow": "very"}}),
        ("knobs", {"knobs": {"never": 5}}),
        ("knobs", {"knobs": []}),
        ("knobs", {"knobs": {"slow": 1}, "times": 0}),
        ("knobs", {"knobs": {"slow": 1}, "provider": "nobody"}),
        ("balance", {"usd": "much"}),
        ("keys", {"bad": "key"}),
        ("forge", {"url": "http://example.com/", "body": {}}),
    ],
)
def test_a_wrong_wish_is_told_so(house, path, body):
    answer = house.control("POST", path, **body)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_webhook_can_be_forged(house, listener):
    answer = house.control(
        "POST", "forge", url=listener.url, body={"taskUUID": "x", "status": "success"}
    )

    assert answer.json() == {"status": 200}
    assert listener.calls[0].body == {"taskUUID": "x", "status": "success"}


def test_a_reset_forgets_everything(house):
    task = house.submit("Waves [[never]]")
    house.set(slow=9)
    house.control("POST", "balance", usd=1)

    house.control("POST", "reset")

    assert house.poll(task).json() == {"data": []}
    assert house.control("GET", "jobs").json() == {"jobs": []}
    assert house.control("GET", "knobs").json()["rules"] == []
    assert house.balance() == 1000


def test_ten_thousand_jobs_under_way_would_not_need_ten_thousand_renders(house):
    """The stock clip is rendered once for all who ask for it."""
    tasks = [house.submit(f"Waves number {i} [[stock]]") for i in range(20)]
    before = house.counters()["clips.rendered"]

    for task in tasks:
        house.clip(task)

    assert house.counters()["clips.rendered"] <= max(before, 1)
