"""The child ends at its limits, and nobody else does."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from generations.media import limited
from generations.media.limited import ChildBroken, ChildRefused, ChildStopped, Limits

GENEROUS = Limits(cpu_seconds=10, wall_seconds=10, memory=1 << 30, output=1 << 20)
PNG = b"\x89PNG\r\n\x1a\n"
RULES = {"max_pixels": 1, "min_short_side": 1, "ratio": [1, 1], "max_bytes": 1}


def test_a_refusal_comes_back_with_its_code():
    with pytest.raises(ChildRefused) as caught:
        limited.run("image", RULES, limits=GENEROUS, stdin=PNG)

    assert caught.value.code == "image_broken"


@pytest.mark.parametrize(("verb", "rules"), [("no such verb", {}), ("image", {"no_rule": 1})])
def test_a_child_that_cannot_work_is_our_fault(verb, rules):
    with pytest.raises(ChildBroken, match="Error"):
        limited.run(verb, rules, limits=GENEROUS)


def test_a_child_that_is_out_of_time_is_stopped():
    with pytest.raises(ChildStopped):
        limited.run("image", RULES, limits=replace(GENEROUS, wall_seconds=0.01), stdin=PNG)


def test_a_child_cannot_hand_back_more_than_it_may():
    noise = io.BytesIO()
    Image.effect_noise((800, 800), 90).save(noise, "JPEG")
    rules = {"max_pixels": 10**6, "min_short_side": 1, "ratio": [1, 1], "max_bytes": 10**9}

    with pytest.raises(ChildBroken, match="too large"):
        limited.run("image", rules, limits=replace(GENEROUS, output=0), stdin=noise.getvalue())


def test_the_child_gets_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")

    with pytest.raises(ChildRefused):
        limited.run("image", RULES, limits=GENEROUS, stdin=PNG)
