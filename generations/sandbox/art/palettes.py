"""The light of each time of day, as colours; several of each, so that clips differ."""

from __future__ import annotations

from dataclasses import dataclass

from generations.sandbox.art.brush import RGB, colour, lit, mix


@dataclass(frozen=True, slots=True)
class Palette:
    """One light. Colours are `#rrggbb`, the sky from its top to the horizon."""

    sky: tuple[str, ...]
    star: str  # the sun or the moon
    glow: str  # the light around it
    haze: str  # what distance fades into
    ambient: str  # the light that falls on the land
    cloud: str
    cloud_shade: str
    moon: bool = False
    stars: float = 0.0
    height: float = 0.2  # of the sun above the horizon, in frame heights
    cover: float = 0.45  # how much cloud

    def land(self, surface: str, distance: float) -> RGB:
        """A surface in this light; `distance` 0 is here, 1 is lost in haze."""
        return mix(lit(colour(surface), colour(self.ambient)), colour(self.haze), distance)

    def snow(self, distance: float) -> RGB:
        """Snow in this light: cooler than other surfaces, because it mirrors the sky."""
        red, green, blue = colour(self.ambient)
        grey = (red * 3 + green * 6 + blue) // 10
        cool = grey * 96 // 100, grey, min(255, grey * 118 // 100)
        return mix(mix((red, green, blue), cool, 0.6), colour(self.haze), distance)


PALETTES = {
    "sunset": (
        Palette(
            sky=("#25234f", "#5b3a78", "#b9526f", "#f0835a", "#ffc27a"),
            star="#fff3d0",
            glow="#ffae5c",
            haze="#f7a37c",
            ambient="#7d4f66",
            cloud="#ffa588",
            cloud_shade="#6c3a70",
            height=0.12,
        ),
        Palette(
            sky=("#17375a", "#41678a", "#c1907f", "#f9b069", "#ffdf9e"),
            star="#fff6da",
            glow="#ffc06a",
            haze="#efb487",
            ambient="#8a6a66",
            cloud="#ffc79a",
            cloud_shade="#80738c",
            height=0.14,
        ),
        Palette(
            sky=("#3d2352", "#7f3766", "#d75a5e", "#ff9550", "#ffd673"),
            star="#fff0bf",
            glow="#ff9a4a",
            haze="#ff9d6b",
            ambient="#713c58",
            cloud="#ff9478",
            cloud_shade="#5f2a5c",
            height=0.1,
        ),
    ),
    "golden": (
        Palette(
            sky=("#4b83ab", "#86aebb", "#d6cfae", "#f8d998", "#fff0c6"),
            star="#fffbe8",
            glow="#ffdc8f",
            haze="#f1d5a2",
            ambient="#d9b58a",
            cloud="#fff0d0",
            cloud_shade="#b79f95",
            height=0.2,
        ),
        Palette(
            sky=("#3f6f97", "#7ba0af", "#c7c4a8", "#f3cf8a", "#ffe8b0"),
            star="#fff8df",
            glow="#ffd07a",
            haze="#ecc98f",
            ambient="#cfa77c",
            cloud="#ffe6bd",
            cloud_shade="#a4948f",
            height=0.16,
        ),
    ),
    "dawn": (
        Palette(
            sky=("#3c5188", "#7a80b4", "#c79fbe", "#f3c0b8", "#fde2c9"),
            star="#fff7ea",
            glow="#ffd2b8",
            haze="#eebfbd",
            ambient="#9a8aa6",
            cloud="#ffdcd2",
            cloud_shade="#9a8fb8",
            height=0.1,
        ),
        Palette(
            sky=("#4f86a8", "#93bcc6", "#d5dcd0", "#f8e3c8", "#fff2dd"),
            star="#ffffff",
            glow="#ffe9c9",
            haze="#e6ddd0",
            ambient="#a5afb3",
            cloud="#fff6ea",
            cloud_shade="#a9b9c2",
            height=0.12,
        ),
    ),
    "day": (
        Palette(
            sky=("#2470b8", "#4f9bd6", "#8cc5ea", "#c3e2f1", "#e9f4f4"),
            star="#ffffff",
            glow="#fff6d8",
            haze="#bcdcec",
            ambient="#f4f1e4",
            cloud="#ffffff",
            cloud_shade="#a9c3d9",
            height=0.36,
            cover=0.5,
        ),
        Palette(
            sky=("#1c63a3", "#4690c8", "#86c1df", "#c9e4e6", "#f4f0de"),
            star="#fffdf0",
            glow="#fff0c8",
            haze="#cfe2e0",
            ambient="#f6ecd2",
            cloud="#fffdf6",
            cloud_shade="#a8bfcb",
            height=0.32,
            cover=0.42,
        ),
    ),
    "dusk": (
        Palette(
            sky=("#0f1a3d", "#262d63", "#5a4481", "#a8608a", "#eba08f"),
            star="#ffe9d2",
            glow="#f09a86",
            haze="#b67795",
            ambient="#4a416b",
            cloud="#c97f99",
            cloud_shade="#39345f",
            height=0.04,
            stars=0.35,
        ),
        Palette(
            sky=("#0b2138", "#1d4460", "#4f6f86", "#b58e92", "#f2bb96"),
            star="#ffeeda",
            glow="#f2b48c",
            haze="#a9979b",
            ambient="#4b5468",
            cloud="#dca79b",
            cloud_shade="#3f5168",
            height=0.04,
            stars=0.3,
        ),
    ),
    "night": (
        Palette(
            sky=("#040819", "#0a1533", "#12274f", "#1e4068", "#35648a"),
            star="#f6f3e2",
            glow="#8fb6dd",
            haze="#31587f",
            ambient="#2e4468",
            cloud="#5d7fa6",
            cloud_shade="#0e1c3a",
            moon=True,
            stars=1.0,
            height=0.42,
            cover=0.3,
        ),
        Palette(
            sky=("#060517", "#120f33", "#231d54", "#3a3274", "#5a4f92"),
            star="#fbf5e6",
            glow="#a99ade",
            haze="#4a4384",
            ambient="#383263",
            cloud="#7f76b6",
            cloud_shade="#171338",
            moon=True,
            stars=1.0,
            height=0.4,
            cover=0.28,
        ),
        Palette(
            sky=("#03101a", "#062231", "#0b3a48", "#165760", "#2f7f7c"),
            star="#f4f8ee",
            glow="#86d6c4",
            haze="#256a6c",
            ambient="#204a55",
            cloud="#5fa09c",
            cloud_shade="#082029",
            moon=True,
            stars=1.0,
            height=0.4,
            cover=0.25,
        ),
    ),
    "storm": (
        Palette(
            sky=("#2c343f", "#46515d", "#67747f", "#919ca1", "#bcc2c0"),
            star="#e9ecea",
            glow="#b9c2c4",
            haze="#9aa4a8",
            ambient="#6d7880",
            cloud="#8b979e",
            cloud_shade="#272f39",
            height=0.3,
            cover=0.9,
        ),
    ),
}
