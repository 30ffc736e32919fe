"""The camera: what it is told, and where it looks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from generations.sandbox.camera import (
    DIRECTIVES,
    PHOTOGRAPH,
    REACH,
    Path,
    View,
    plain,
    script,
)

SECONDS = 6.0


def a_path(prompt: str, **changes) -> Path:
    return Path(prompt, **{"seconds": SECONDS, "seed": 1, **changes})


def moments(path: Path) -> list[View]:
    return [path.view(i / 25) for i in range(151)]


def test_there_are_fifteen_directives():
    assert len(DIRECTIVES) == 15


def test_brackets_follow_each_other_and_hold_three_at_most():
    prompt = "A cat [ push IN ], then [Pan left,Pedestal up, Shake, Zoom in] and [jumps] [[slow=3]]"

    assert script(prompt) == (("push in",), ("pan left", "pedestal up", "shake"))


def test_directions_are_not_read_out():
    assert plain("A cat [Push in], then [Static shot]") == "A cat"
    assert plain("A cat [jumps] high [Pan left].") == "A cat [jumps] high."


@pytest.mark.parametrize(
    ("directive", "axis", "sign"),
    [
        ("Pan left", "pan_x", -1),
        ("Pan right", "pan_x", 1),
        ("Tilt up", "pan_y", -1),
        ("Tilt down", "pan_y", 1),
        ("Truck left", "truck_x", -1),
        ("Truck right", "truck_x", 1),
        ("Pedestal up", "truck_y", -1),
        ("Pedestal down", "truck_y", 1),
        ("Push in", "dolly", 1),
        ("Pull out", "dolly", -1),
        ("Zoom in", "zoom", 1),
        ("Zoom out", "zoom", -1),
        ("Tracking shot", "truck_x", 1),
    ],
)
def test_each_directive_moves_its_own_way_and_no_other(directive, axis, sign):
    start, end = a_path(f"[{directive}]").view(0), a_path(f"[{directive}]").view(SECONDS)

    change = {name: b - a for name, a, b in zip(View._fields, start, end, strict=True)}
    others = [v for name, v in change.items() if name != axis and directive != "Tracking shot"]
    assert change[axis] * sign > 0.02
    assert others == pytest.approx([0] * len(others), abs=1e-6)


def test_a_static_shot_stands_still_and_a_shaken_one_does_not():
    assert set(moments(a_path("[Static shot]"))) == {View()}
    shaken = moments(a_path("[Shake]"))
    assert 0.002 < max(abs(view.pan_x) for view in shaken) < 0.01
    assert abs(shaken[0].pan_x - shaken[-1].pan_x) < 0.003


def test_without_directions_it_drifts_slowly_and_always_the_same_way():
    path = moments(a_path("A kite"))

    assert path == moments(a_path("A kite"))
    assert 0.01 < abs(path[-1].truck_x - path[0].truck_x) < 0.08


def test_travelling_moves_near_things_more_than_far_ones_and_turning_does_not():
    travelled, turned = a_path("[Truck left]").view(0), a_path("[Pan left]").view(0)

    assert travelled.shift(1.0)[0] > travelled.shift(0.1)[0] * 2
    assert turned.shift(1.0) == turned.shift(0.1)


def test_moves_in_one_bracket_happen_together_and_brackets_in_turn():
    together = a_path("[Pan right, Push in]").view(SECONDS / 2)
    in_turn = a_path("[Pan right] [Push in]").view(SECONDS / 2)

    assert together.pan_x == pytest.approx(0)
    assert together.dolly == pytest.approx(0.1)
    assert in_turn.pan_x == pytest.approx(0.08)
    assert in_turn.dolly == pytest.approx(0)


@pytest.mark.parametrize("directive", DIRECTIVES)
def test_moves_begin_and_end_gently_and_never_jump(directive):
    views = moments(a_path(f"[{directive}]"))

    steps = [max(abs(a - b) for a, b in zip(x, y, strict=True)) for x, y in pairwise(views)]
    assert max(steps) < 0.004
    assert steps[0] < 0.001
    assert steps[-1] < 0.001


@pytest.mark.parametrize(
    "prompt", ["[Pan left, Truck left, Tilt up]", "[Pan left]" * 9, "[Shake]", ""]
)
def test_it_never_looks_beyond_the_painted_world(prompt):
    for view in moments(a_path(prompt)):
        assert max(map(abs, view.shift(1.0))) <= REACH + 1e-6
        assert view.scale(0) >= 1 - 1e-9
        assert view.scale(1) < 1.5


@pytest.mark.parametrize("directive", [*DIRECTIVES, "Pan left, Tilt up, Shake", "none"])
def test_a_photograph_is_never_left_and_is_whole_at_first(directive):
    views = moments(a_path(f"[{directive}]", photograph=True))

    for view in views:
        edge = 0.5 / view.scale(PHOTOGRAPH)
        assert max(map(abs, view.shift(PHOTOGRAPH))) + edge <= 0.5 + 1e-4
    if directive not in ("pull out", "zoom out"):
        assert views[0].scale(PHOTOGRAPH) < 1.03
