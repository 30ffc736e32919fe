"""The small caption every clip carries: that it is a sandbox clip, and what was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from generations.sandbox.art import brush
from generations.sandbox.art.brush import Size
from generations.sandbox.layers import yuv

#: The built-in face has the Latin letters; a prompt in other letters is left out of the caption.
_LAST_LETTER = "\u024f"
_TYPOGRAPHY = "–—‘’“”…"

WHITE = (250, 250, 246)
BLACK = (8, 10, 16)


class Caption:
    """Drawn once, laid over every frame."""

    def __init__(self, text: str, *, size: Size) -> None:
        height = round(size[1] * 0.13) // 2 * 2
        self._place = (0, size[1] - height)
        shade = brush.fade((size[0] // 2 * 2, height), [(0.0, 0), (1.0, 120)])
        letters = _letters(readable(text), size=(size[0] // 2 * 2, height))
        self._strokes = [
            (yuv(BLACK), shade, shade.reduce(2)),
            (yuv(WHITE), letters, letters.reduce(2)),
        ]

    def over(self, planes: Sequence[Image.Image]) -> None:
        x, y = self._place
        for colours, mask, half_mask in self._strokes:
            planes[0].paste(colours[0], (x, y), mask)
            for plane, colour in zip(planes[1:], colours[1:], strict=True):
                plane.paste(colour, (x // 2, y // 2), half_mask)


def readable(text: str) -> str:
    """The text in letters the face has, or nothing."""
    known = "".join(letter for letter in text if letter.isprintable() and _has(letter))
    return " ".join(known.split()) if len(known) * 2 > len(text) else ""


def _has(letter: str) -> bool:
    return letter <= _LAST_LETTER or letter in _TYPOGRAPHY


def _letters(text: str, *, size: Size) -> Image.Image:
    """A mask: the word "sandbox" in a pill, then the prompt on one line."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    unit = size[1] / 100
    tag_face = ImageFont.load_default(size=19 * unit)
    face = ImageFont.load_default(size=24 * unit)
    margin, middle = 34 * unit, 66 * unit
    tag = draw.textlength("sandbox", font=tag_face)
    pill = (margin, middle - 16 * unit, margin + tag + 22 * unit, middle + 16 * unit)
    draw.rounded_rectangle(pill, radius=16 * unit, outline=190, width=max(1, round(1.4 * unit)))
    draw.text((margin + 11 * unit, middle), "sandbox", font=tag_face, fill=215, anchor="lm")
    start = pill[2] + 15 * unit
    room = size[0] - margin - start
    draw.text((start, middle), _shortened(draw, text, face, room), font=face, fill=225, anchor="lm")
    return mask


def _shortened(
    draw: ImageDraw.ImageDraw,
    text: str,
    face: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    room: float,
) -> str:
    """As many whole words as fit on the line."""
    if draw.textlength(text, font=face) <= room:
        return text
    words = text.split()[:60]
    while words and draw.textlength(" ".join(words) + " …", font=face) > room:
        words.pop()
    return " ".join(words) + " …" if words else ""
