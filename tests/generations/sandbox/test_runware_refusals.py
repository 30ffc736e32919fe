"""What Runware refuses: each rule of seed 002 by one task that breaks it."""

from __future__ import annotations

import base64

import pytest

from tests.generations.sandbox.house import a_task, a_uuid
from tests.generations.sandbox.pictures import a_data_uri, an_image

FRAMES = "inputs.frameImages"
IMAGE = a_data_uri(an_image())


def a_frame(*frames: object) -> dict[str, object]:
    return {"inputs": {"frameImages": list(frames)}}


REFUSALS = [
    # what is sent, code, parameter
    ({"taskUUID": None}, "missingTaskUUID", "taskUUID"),
    ({"taskUUID": "job-1"}, "invalidTaskUUID", "taskUUID"),
    ({"taskUUID": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, "invalidTaskUUID", "taskUUID"),
    ({"taskUUID": 7}, "invalidTaskUUID", "taskUUID"),
    ({"model": None}, "missingModel", "model"),
    ({"model": "minimax:3@1"}, "invalidModel", "model"),
    ({"model": ["minimax:4@1"]}, "invalidModel", "model"),
    ({"positivePrompt": "a"}, "invalidPositivePrompt", "positivePrompt"),
    ({"positivePrompt": "a" * 2001}, "invalidPositivePrompt", "positivePrompt"),
    ({"positivePrompt": 5}, "invalidPositivePrompt", "positivePrompt"),
    ({"positivePrompt": None}, "missingPositivePrompt", "positivePrompt"),
    ({"width": None}, "missingDimensionParameters", ["width", "height"]),
    ({"height": None}, "missingDimensionParameters", ["width", "height"]),
    ({"width": 1280, "height": 720}, "unsupportedDimensions", ["width", "height"]),
    ({"width": 768, "height": 1366}, "unsupportedDimensions", ["width", "height"]),
    ({"width": 1920}, "unsupportedDimensions", ["width", "height"]),
    ({"width": "1366"}, "invalidWidth", "width"),
    ({"width": 1366.0}, "invalidWidth", "width"),
    ({"height": True}, "invalidHeight", "height"),
    ({"duration": 7}, "unsupportedDuration", "duration"),
    ({"duration": 6.5}, "unsupportedDuration", "duration"),
    ({"duration": "6"}, "invalidDuration", "duration"),
    ({"width": 1920, "height": 1080, "duration": 10}, "unsupportedDuration", "duration"),
    ({"fps": 24}, "invalidFps", "fps"),
    ({"fps": 25.0}, "invalidFps", "fps"),
    ({"outputType": "base64Data"}, "invalidOutputType", "outputType"),
    ({"outputFormat": "mp4"}, "invalidOutputFormat", "outputFormat"),
    ({"outputFormat": "GIF"}, "invalidOutputFormat", "outputFormat"),
    ({"outputQuality": 19}, "invalidOutputQuality", "outputQuality"),
    ({"outputQuality": 100}, "invalidOutputQuality", "outputQuality"),
    ({"outputQuality": 95.5}, "invalidOutputQuality", "outputQuality"),
    ({"deliveryMethod": "sync"}, "invalidDeliveryMethod", "deliveryMethod"),
    ({"numberResults": 0}, "invalidNumberResults", "numberResults"),
    ({"numberResults": 5}, "invalidNumberResults", "numberResults"),
    ({"numberResults": True}, "invalidNumberResults", "numberResults"),
    ({"includeCost": "yes"}, "invalidIncludeCost", "includeCost"),
    ({"ttl": 59}, "invalidTtl", "ttl"),
    ({"webhookURL": "hook"}, "invalidWebhookURL", "webhookURL"),
    ({"webhookURL": "ftp://127.0.0.1/"}, "invalidWebhookURL", "webhookURL"),
    ({"webhookURL": "https://example.com/hook"}, "invalidWebhookURL", "webhookURL"),
    ({"webhookURL": "http://127.0.0.1.example.com/"}, "invalidWebhookURL", "webhookURL"),
    ({"uploadEndpoint": "http://10.0.0.1/"}, "invalidUploadEndpoint", "uploadEndpoint"),
    ({"safety": True}, "invalidSafety", "safety"),
    ({"safety": {"checkContent": 1}}, "invalidCheckContent", "safety.checkContent"),
    ({"safety": {"mode": "slow"}}, "invalidMode", "safety.mode"),
    ({"safety": {"level": 1}}, "unknownParameter", "safety.level"),
    ({"providerSettings": []}, "invalidProviderSettings", "providerSettings"),
    ({"providerSettings": {"google": {}}}, "unknownParameter", "providerSettings.google"),
    (
        {"providerSettings": {"minimax": {"promptOptimizer": "on"}}},
        "invalidPromptOptimizer", "providerSettings.minimax.promptOptimizer",
    ),
    (
        {"providerSettings": {"minimax": {"fastPretreatment": True}}},
        "unknownParameter", "providerSettings.minimax.fastPretreatment",
    ),
    ({"resolution": "768P"}, "unknownParameter", "resolution"),
    ({"seed": 5}, "unknownParameter", "seed"),
    ({"watermark": False}, "unknownParameter", "watermark"),
    ({"frameImages": [{"inputImage": IMAGE}]}, "unknownParameter", "frameImages"),
    ({"inputs": {"referenceImages": []}}, "unknownParameter", "inputs.referenceImages"),
    ({"inputs": {"frameImages": IMAGE}}, "invalidFrameImages", FRAMES),
    (a_frame(), "invalidFrameImages", FRAMES),
    (a_frame(IMAGE, IMAGE), "invalidFrameImages", FRAMES),
    (a_frame(7), "invalidFrameImages", FRAMES),
    (a_frame(""), "invalidFrameImages", FRAMES),
    (a_frame({"frame": "first"}), "missingImage", f"{FRAMES}.image"),
    (a_frame({"image": IMAGE, "frame": "last"}), "invalidFrame", f"{FRAMES}.frame"),
    (a_frame({"image": IMAGE, "frame": 1}), "invalidFrame", f"{FRAMES}.frame"),
    (a_frame({"image": IMAGE, "frame": False}), "invalidFrame", f"{FRAMES}.frame"),
    (a_frame({"inputImage": IMAGE}), "unknownParameter", f"{FRAMES}.inputImage"),
    (a_frame(a_uuid()), "invalidFrameImages", FRAMES),
    (a_frame("https://example.com/first.jpg"), "downloadFailed", FRAMES),
    (a_frame("data:image/gif;base64,R0lGODlhAQABAAAAACw="), "invalidFrameImages", FRAMES),
    (a_frame(a_data_uri(an_image(kind="GIF"))), "invalidFrameImages", FRAMES),
    (a_frame(a_data_uri(an_image()[:3000])), "invalidFrameImages", FRAMES),
    (a_frame(base64.b64encode(b"no image at all").decode()), "invalidFrameImages", FRAMES),
    (a_frame(a_data_uri(an_image(700, 300))), "invalidFrameImages", FRAMES),
    (a_frame(a_data_uri(an_image(1000, 350))), "invalidFrameImages", FRAMES),
    (a_frame(a_data_uri(an_image(350, 1000))), "invalidFrameImages", FRAMES),
    (a_frame(a_data_uri(an_image() + bytes(20 * 1024 * 1024))), "invalidFrameImages", FRAMES),
    ({"model": "minimax:4@2"}, "missingFrameImages", FRAMES),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "parameter"), REFUSALS)
def test_a_task_against_the_rules_is_refused_in_the_documented_shape(
    house, changes, code, parameter
):
    task = a_task(**changes)

    answer = house.post(task)

    assert answer.status_code == 400
    assert answer.json()["data"] == []
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert error["message"]
    assert error["documentation"].startswith("https://runware.ai/docs/")
    assert error["taskType"] == "videoInference"
    assert error.get("taskUUID") == (
        task.get("taskUUID") if isinstance(task.get("taskUUID"), str) else None
    )


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ({"taskType": "imageInference", "taskUUID": a_uuid()}, "unsupportedTaskType"),
        ({"taskUUID": a_uuid()}, "unsupportedTaskType"),
        ({"taskType": "getResponse"}, "missingTaskUUID"),
        ({"taskType": "getResponse", "taskUUID": "x"}, "invalidTaskUUID"),
        ({"taskType": "getResponse", "taskUUID": a_uuid(), "more": 1}, "unknownParameter"),
        ({"taskType": "getTaskDetails", "taskUUID": "x"}, "invalidTaskUUID"),
        ({"taskType": "accountManagement", "taskUUID": a_uuid()}, "invalidOperation"),
    ],
)
def test_questions_have_rules_too(house, task, code):
    answer = house.post(task)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


@pytest.mark.parametrize("size", [(751, 301), (301, 752)])
def test_an_image_just_inside_the_rules_is_accepted(house, size):
    house.submit("Waves [[never]]", **a_frame(a_data_uri(an_image(*size))))
