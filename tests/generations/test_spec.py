"""A wish is judged whole, and every fault names its field and rule."""

from __future__ import annotations

import pytest

from generations import catalog
from generations.spec import ClipSpec, InvalidSpec, checked

PROVIDERS = frozenset({"runware"})
GOOD = {"model": "hailuo-2.3", "prompt": "A red kite"}


def faults(**changes):
    with pytest.raises(InvalidSpec) as error:
        checked(ClipSpec(**GOOD | changes), providers=PROVIDERS)
    return {(fault.field, fault.code) for fault in error.value.faults}


@pytest.mark.parametrize("size", catalog.SIZES)
@pytest.mark.parametrize("has_image", [True, False])
def test_every_legal_size_is_fine_in_both_modes(size, has_image):
    resolution, duration = size
    spec = ClipSpec(**GOOD, resolution=resolution, duration=duration, has_image=has_image)

    assert checked(spec, providers=PROVIDERS) is spec


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"model": "hailuo-9"}, ("model", "invalid_choice")),
        ({"resolution": "1080P", "duration": 10}, ("duration", "impossible_combination")),
        ({"resolution": "4K"}, ("resolution", "invalid_choice")),
        ({"duration": 7}, ("duration", "invalid_choice")),
        ({"model": "hailuo-2.3-fast"}, ("first_frame_image", "required")),
        ({"prompt": "x" * 2001}, ("prompt", "max_length")),
        ({"prompt": " "}, ("prompt", "required")),
        ({"prompt": "a\x00b"}, ("prompt", "invalid")),
        ({"output_format": "gif"}, ("output_format", "invalid_choice")),
        ({"output_quality": 19}, ("output_quality", "out_of_range")),
        ({"output_quality": 100}, ("output_quality", "out_of_range")),
        ({"policy": "nicest"}, ("policy", "invalid_choice")),
        ({"provider": "nobody"}, ("provider", "invalid_choice")),
    ],
)
def test_what_nobody_can_make_is_refused_by_name(changes, fault):
    assert faults(**changes) == {fault}


def test_all_faults_are_named_at_once():
    found = faults(model="x", prompt="", duration=7)

    assert {field for field, _ in found} == {"model", "prompt", "duration"}


def test_2000_characters_are_fine():
    checked(ClipSpec(model="hailuo-2.3", prompt="x" * 2000), providers=PROVIDERS)


def test_a_quote_needs_no_prompt():
    checked(ClipSpec(model="hailuo-2.3", prompt=""), providers=PROVIDERS, need_prompt=False)


def test_a_quote_binds_everything_but_prompt_and_cap():
    spec = ClipSpec(**GOOD)

    assert spec.binding == ClipSpec(model="hailuo-2.3", prompt="Another", max_price=1).binding
    assert spec.binding != ClipSpec(**GOOD, prompt_optimizer=False).binding
    assert spec.binding != ClipSpec(**GOOD, provider="runware").binding
