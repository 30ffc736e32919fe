"""Pictures from prompts: what is asked for, always the same, and filling the frame."""

from __future__ import annotations

import pytest
from PIL import Image, ImageStat

from generations.sandbox import picture
from generations.sandbox.art import words
from generations.sandbox.art.palettes import PALETTES
from generations.sandbox.camera import Path, View
from generations.sandbox.caption import readable
from generations.sandbox.layers import Layer, Motion, planes, yuv
from generations.sandbox.stage import Stage

SMALL = (320, 180)


def a_stage(prompt: str, *, variation: int = 0) -> Stage:
    return Stage(picture.paint(prompt, size=SMALL, variation=variation), size=SMALL)


def shot(stage: Stage, *, at: float = 0.0, view: View | None = None) -> list[Image.Image]:
    """The three planes of one moment, drawn onto black."""
    half = SMALL[0] // 2, SMALL[1] // 2
    canvases = [Image.new("L", SMALL), Image.new("L", half), Image.new("L", half)]
    stage.shoot(view or View(), at, canvases)
    return canvases


def a_prompt_for(land: str) -> str:
    return f"{words.LANDS[land].split()[0]} {' '.join(words.THINGS)} rain fog"


@pytest.mark.parametrize(
    ("prompt", "time", "land", "things"),
    [
        ("A red kite over green hills at sunset", "sunset", "meadow", ("kite",)),
        ("Fireworks above the skyline of a city at night", "night", "city", ("fireworks",)),
        ("A golden retriever on a sandy beach at sunset", "sunset", "sea", ("dog",)),
        ("A lighthouse in a storm", "storm", "sea", ("lighthouse",)),
        ("A cabin in a snowy forest at dawn", "dawn", "snow", ("cabin",)),
        ("Northern lights over the mountains at night", "night", "mountains", ()),
        ("A vast ballroom submerged underwater", "day", "underwater", ()),
    ],
)
def test_words_choose_the_time_the_land_and_the_things(prompt, time, land, things):
    wish = words.read(prompt)

    assert (wish.time, wish.land, wish.things) == (time, land, things)


def test_the_colour_of_a_thing_is_the_word_before_it():
    assert words.read("A red kite in a blue sky").colours == words.COLOURS["red"]


def test_a_prompt_without_any_known_word_still_wishes_for_something():
    for prompt in ("", "qwertz", "一只猫在花园里", "🎈" * 50, "x" * 2000):
        wish = words.read(prompt)
        assert wish.time in PALETTES
        assert wish.land in words.LANDS


def test_the_same_prompt_paints_the_same_picture_and_a_variation_another():
    one, same, other = (
        shot(a_stage("mountains at dawn", variation=variation))[0].tobytes()
        for variation in (0, 0, 1)
    )

    assert one == same
    assert one != other


@pytest.mark.parametrize("land", words.LANDS)
def test_every_land_fills_the_frame_wherever_the_camera_goes(land):
    prompt = a_prompt_for(land)
    stage = a_stage(prompt)
    for directions in (
        "[Pan left, Truck left, Tilt up]",
        "[Pan right, Pedestal down]",
        "[Pull out]",
    ):
        path = Path(prompt + directions, seconds=6, seed=1)
        for at in (0.0, 3.0, 6.0):
            luma = shot(stage, at=at, view=path.view(at))[0]
            # Video black is 16; an unpainted pixel would be 0.
            assert luma.getextrema()[0] >= 16


@pytest.mark.parametrize("time", PALETTES)
def test_every_time_of_day_has_its_own_light(time):
    brightness = ImageStat.Stat(shot(a_stage(f"sea at {time}"))[0]).mean[0]

    low, high = {"night": (16, 90), "dusk": (40, 140), "day": (120, 225)}.get(time, (60, 215))
    assert low <= brightness <= high


def test_a_photograph_is_shown_exactly():
    image = Image.radial_gradient("L").convert("RGB")
    stage = Stage(picture.photograph(image, size=SMALL), size=SMALL, smooth=True)
    canvases = [Image.new("L", SMALL), *(Image.new("L", (160, 90)) for _ in range(2))]

    stage.shoot(View(), 0, canvases)

    expected = planes(image.resize(SMALL, Image.Resampling.LANCZOS))
    assert canvases[0].crop((0, 0, *SMALL)).tobytes() == expected[0].tobytes()


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
    ],
)
def test_colours_are_those_of_hd_video(colour, expected):
    assert yuv(colour) == pytest.approx(expected, abs=1)
    pixels = [plane.getpixel((0, 0)) for plane in planes(Image.new("RGB", (2, 2), colour))]
    assert pixels == pytest.approx(expected, abs=1)


def test_a_layer_moves_by_parts_of_a_pixel():
    edge = Image.new("L", (40, 40))
    edge.paste(255, (20, 0, 40, 40))
    layer = Layer((255, 255, 255), edge, -20.0, -20.0, 0.5, lambda at: Motion(x=at))
    stage = Stage([layer], size=(40, 40))

    seen = []
    for at in (0.0, 0.5, 1.0):
        canvases = [Image.new("L", (40, 40)), Image.new("L", (20, 20)), Image.new("L", (20, 20))]
        stage.shoot(View(), at, canvases)
        seen.append(canvases[0].getpixel((20, 20)))

    assert seen[0] > 220
    assert 90 < seen[1] < 150
    assert seen[2] < 30


def test_a_solid_layer_hides_what_is_behind_it():
    behind = Layer(Image.new("RGB", (80, 80), (255, 0, 0)), None, -40, -40, 0.1)
    front = Layer(Image.new("RGB", (80, 40), (0, 0, 0)), None, -40, 0, 0.9)
    canvases = [Image.new("L", (40, 40)), Image.new("L", (20, 20)), Image.new("L", (20, 20))]

    Stage([behind, front], size=(40, 40)).shoot(View(), 0, canvases)

    assert (canvases[0].getpixel((5, 5)), canvases[0].getpixel((5, 30))) == (63, 16)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A café – “warm”", "A café – “warm”"),
        ("A kite 🎈 at sea", "A kite at sea"),
        ("一只猫在花园里", ""),
        ("Кот в саду", ""),
        ("a\nb\x00c", "abc"),
    ],
)
def test_the_caption_is_written_in_letters_the_face_has(text, shown):
    assert readable(text) == shown
