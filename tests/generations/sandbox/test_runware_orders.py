"""What Runware accepts, and what it then says (seed 002, providers.md 2)."""

from __future__ import annotations

import base64
import time

import pytest

from tests.generations.sandbox.house import a_task, a_uuid, echo
from tests.generations.sandbox.pictures import a_data_uri, an_image

ASSETS = "https://assets.runware.ai/assets/inputs"
GLASSHOUSE = f"{ASSETS}/42669300-03ee-4ffc-838b-725c43d380da.jpg"
ALLEY = f"{ASSETS}/7cb04824-f18d-44be-83ba-55296f82f30b.jpg"

#: The four examples of seed 002, as they stand there; the prompts shortened.
EXAMPLES = [
    a_task(positivePrompt="A vast forgotten ballroom fully submerged.", width=1920, height=1080),
    a_task(
        positivePrompt="Animate from the provided first frame as a refined cinematic shot.",
        inputs={"frameImages": [{"image": GLASSHOUSE, "frame": "first"}]},
    ),
    a_task(positivePrompt="A colossal copper-and-canvas airship.", width=1920, height=1080),
    a_task(
        positivePrompt="Using the provided first frame as the opening shot.",
        inputs={"frameImages": [{"image": ALLEY, "frame": "first"}]},
    ),
    a_task(inputs={"frameImages": ["aac49721-1964-481a-ae78-8a4e29b91402"]}),
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_documented_examples_are_accepted(house, example):
    settings = {"providerSettings": {"minimax": {"promptOptimizer": False}}}
    task = {**example, **settings, "taskUUID": a_uuid(), "includeCost": None}
    task = {name: value for name, value in task.items() if value is not None}
    house.set(never=True)

    answer = house.post(task)

    assert (answer.status_code, answer.json()) == (200, {"data": [echo(task)]})


def test_every_documented_parameter_is_accepted(house):
    everything = a_task(
        outputType="URL", outputFormat="MP4", outputQuality=20, deliveryMethod="async",
        webhookURL="http://127.0.0.1:9/hook", uploadEndpoint="http://localhost:9/put", ttl=60,
        includeCost=False, numberResults=4, safety={"checkContent": True, "mode": "full"},
        providerSettings={"minimax": {"promptOptimizer": True}},
        inputs={"frameImages": [{"image": a_data_uri(an_image()), "frame": 0}]},
    )  # fmt: skip
    house.set(never=True)

    assert house.post(everything).status_code == 200


def test_the_acknowledgement_has_no_status_and_polls_show_progress(house):
    task = house.submit("Waves [[stock, slow=1.2]]")

    first = house.poll(task).json()["data"][0]
    time.sleep(0.6)
    second = house.poll(task).json()["data"][0]

    assert first["status"] == second["status"] == "processing"
    assert 0 <= first["progress"] < second["progress"] <= 99


def test_a_finished_task_has_a_video_a_seed_and_its_cost(house):
    task = house.submit("Waves [[stock]]")

    item = house.clip(task)

    assert item["taskUUID"] == task
    assert item["status"] == "success"
    assert item["cost"] == 0.28
    assert isinstance(item["seed"], int)
    assert item["videoURL"] == f"{house.url}/files/{item['videoUUID']}.mp4"
    assert house.client.get(item["videoURL"]).content[4:8] == b"ftyp"


def test_cost_is_told_only_on_request_and_nsfw_only_when_checked(house):
    silent = house.clip(house.submit("Waves [[stock]]", includeCost=None))
    checked = house.clip(house.submit("Waves [[stock]]", safety={"checkContent": True}))

    assert "cost" not in silent
    assert "NSFWContent" not in silent
    assert checked["NSFWContent"] is False


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, 0.28),
        ({"duration": 10}, 0.56),
        ({"width": 1920, "height": 1080}, 0.49),
        ({"outputQuality": 20}, 0.28),
        ({"numberResults": 4}, 1.12),
        ({"duration": None, "width": None, "height": None, "fps": None}, 0.28),
        ({"model": "minimax:4@2"}, 0.19),
        ({"model": "minimax:4@2", "duration": 10.0}, 0.32),
        ({"model": "minimax:4@2", "width": 1920, "height": 1080}, 0.33),
    ],
)
def test_a_dry_run_prices_and_does_nothing(house, changes, price):
    task = a_task(**changes)
    if task["model"] == "minimax:4@2":
        task["inputs"] = {"frameImages": [a_data_uri(an_image())]}

    answer = house.post(task, **{"X-Runware-Dry-Run": "1"})

    assert answer.json() == {"data": [{**echo(task), "cost": price}]}
    assert house.control("GET", "jobs").json()["jobs"] == []


def test_a_dry_run_refuses_like_a_real_one_and_leaves_the_uuid_free(house):
    task = a_task()

    refused = house.post({**task, "fps": 30}, **{"X-Runware-Dry-Run": "1"})
    priced = house.post(task, **{"X-Runware-Dry-Run": "1"})
    sent = house.post(task)

    assert refused.json()["errors"][0]["code"] == "invalidFps"
    assert (priced.status_code, sent.status_code) == (200, 200)


def test_an_accepted_uuid_conflicts_and_nothing_is_rendered_twice(house):
    task = a_task()
    house.post(task)

    again = house.post(task)

    assert again.status_code == 400
    assert again.json()["data"] == []
    assert again.json()["errors"][0]["code"] == "conflictTaskUUID"
    assert again.json()["errors"][0]["taskUUID"] == task["taskUUID"]
    assert house.job(task["taskUUID"])["posts"] == 2
    house.finished(task["taskUUID"])
    assert house.job(task["taskUUID"])["billed"] == 280_000


def test_a_refused_uuid_is_still_free(house):
    task = a_task()

    refused = house.post({**task, "duration": 7})
    accepted = house.post(task)

    assert (refused.status_code, accepted.status_code) == (400, 200)
    assert house.job(task["taskUUID"])["posts"] == 2


def test_two_uuids_of_one_array_may_not_be_equal(house):
    task = a_task()

    answer = house.post(task, task).json()

    assert answer["data"] == [echo(task)]
    assert [error["code"] for error in answer["errors"]] == ["conflictTaskUUID"]


def test_one_array_mixes_successes_failures_and_questions(house):
    good, bad, unknown = a_task(), a_task(fps=24), a_uuid()
    question = {"taskType": "accountManagement", "taskUUID": a_uuid(), "operation": "getDetails"}

    answer = house.post(good, bad, {"taskType": "getResponse", "taskUUID": unknown}, question)

    assert answer.status_code == 200
    assert answer.json()["data"][0] == echo(good)
    assert answer.json()["data"][1]["balance"] == 1000
    assert [error["taskUUID"] for error in answer.json()["errors"]] == [bad["taskUUID"]]


def test_polls_are_batched_and_unknown_tasks_are_silence(house):
    tasks = [house.submit(f"Waves {i} [[never]]") for i in range(3)]

    answer = house.poll(tasks[2], a_uuid(), tasks[0], tasks[1])

    assert [item["taskUUID"] for item in answer.json()["data"]] == [tasks[2], tasks[0], tasks[1]]
    assert (house.poll(a_uuid()).status_code, house.poll(a_uuid()).json()) == (200, {"data": []})


def test_several_results_come_as_several_items_with_seeds_of_their_own(house):
    task = house.submit("Waves [[stock]]", numberResults=3)

    items = house.finished(task)["data"]

    assert len({item["videoUUID"] for item in items}) == 3
    assert len({item["seed"] for item in items}) == 3
    assert [item["cost"] for item in items] == [0.28] * 3
    assert house.job(task)["billed"] == 840_000


def test_task_details_give_back_what_was_sent_and_said(house):
    sent = a_task()
    house.post(sent)
    item = house.clip(sent["taskUUID"])

    details = house.details(sent["taskUUID"])

    assert details["request"] == [sent]
    assert details["response"] == {"data": [item]}


def test_details_of_an_unknown_task_are_not_found(house):
    answer = house.post({"taskType": "getTaskDetails", "taskUUID": a_uuid()})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "taskNotFound")


def test_the_balance_goes_down_when_a_clip_is_delivered_and_not_when_it_fails(house):
    house.finished(house.submit("Waves [[fail]]"))
    unchanged = house.balance()
    house.finished(house.submit("Waves [[stock]]"))

    assert (unchanged, house.balance()) == (1000, 999.72)


def test_an_empty_account_is_402_and_jobs_under_way_count(house):
    house.control("POST", "balance", provider="runware", usd=0.5)
    house.submit("Waves [[never]]")

    answer = house.post(a_task())

    assert answer.status_code == 402
    assert answer.json()["errors"][0]["code"] == "insufficientCredits"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_first_frame_may_be_a_data_uri_base64_or_a_local_address(house, kind):
    content = an_image(kind=kind)
    forms = [a_data_uri(content, kind.lower()), base64.b64encode(content).decode()]

    for form in forms:
        house.submit("Waves [[never]]", inputs={"frameImages": [form]})


def test_a_first_frame_is_fetched_from_this_machine(house):
    video = house.clip(house.submit("Waves [[stock]]"))["videoURL"]
    images = {"not an image": video, "nothing there": f"{house.url}/files/none.jpg"}

    codes = {
        name: house.post(a_task(inputs={"frameImages": [url]})).json()["errors"][0]["code"]
        for name, url in images.items()
    }

    assert codes == {"not an image": "invalidFrameImages", "nothing there": "downloadFailed"}


def test_the_key_may_come_as_a_first_task(house):
    key = {"taskType": "authentication", "apiKey": "key"}
    task = a_task()

    answer = house.client.post("/runware/v1", json=[key, task])

    assert answer.status_code == 200
    assert answer.json()["data"][1] == echo(task)


@pytest.mark.parametrize(
    ("headers", "tasks", "code"),
    [
        ({}, [], "missingApiKey"),
        ({"Authorization": "Basic a2V5"}, [], "missingApiKey"),
        ({"Authorization": "Bearer"}, [], "missingApiKey"),
        ({"Authorization": "Bearer revoked"}, [], "invalidApiKey"),
        ({}, [{"taskType": "authentication", "apiKey": "revoked"}], "invalidApiKey"),
    ],
)
def test_without_a_good_key_nothing_is_answered(house, headers, tasks, code):
    house.control("POST", "keys", provider="runware", bad=["revoked"])

    answer = house.client.post("/runware/v1", json=[*tasks, a_task()], headers=headers)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == code
    assert answer.json()["errors"][0]["taskType"] == "authentication"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"{}", b"[1]", b'"text"', b"[" * 100_000])
def test_a_body_that_is_no_array_of_tasks_is_400(house, content):
    answer = house.client.post(
        "/runware/v1", content=content, headers={"Authorization": "Bearer key"}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


def test_only_post_is_spoken(house):
    assert house.client.get("/runware/v1").status_code == 405
    assert house.client.get("/healthz").json() == {"status": "ok"}
