"""A4 paper, our faces on it, and texts that fit."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from django.conf import settings
from fpdf import FPDF
from fpdf.fonts import CoreFont, TTFFont

FONTS = Path(__file__).parent / "fonts"
REGULAR = FONTS / "InstrumentSans-Regular.ttf"
SEMIBOLD = FONTS / "InstrumentSans-SemiBold.ttf"
#: For what Instrument Sans does not draw: Greek, Cyrillic, Vietnamese and the rarer signs.
FALLBACK = FONTS / "DejaVuSans-Subset.ttf"

INK = (18, 22, 29)
SOFT = (72, 82, 93)
LINE = (197, 206, 211)
STRONG_LINE = (119, 130, 140)

MARGIN = 18.0
WIDTH = 210 - 2 * MARGIN
BOTTOM = 297 - 24.0

#: A letter none of our faces can draw. Signs and emoji are left out instead.
UNDRAWN = "□"

#: Stands for the number of pages until it is known, and is as wide as the longest it may be. The
#: letters are private ones, so no text of anybody has them.
PAGES = "\ue000\ue001\ue002\ue003"

#: It tells a log of ours each step of making a face smaller.
logging.getLogger("fontTools").setLevel(logging.WARNING)

Furniture = Callable[["Paper"], None]


class Paper(FPDF):
    """
    A4 with our faces. `head` is drawn on top of each page but the first, `foot` below each.

    All measures are millimetres, sizes of type are points.
    """

    def __init__(self, *, head: Furniture, foot: Furniture) -> None:
        super().__init__(format="A4")
        self.head, self.foot = head, foot
        self.set_margins(MARGIN, 16)
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.set_lang("en")
        self.alias_nb_pages(PAGES)
        self.add_font("Instrument", "", REGULAR)
        self.add_font("Instrument", "B", SEMIBOLD)
        fallbacks = [f"fallback{number}" for number, _ in enumerate(_fallbacks())]
        for name, face in zip(fallbacks, _fallbacks(), strict=True):
            self.add_font(name, "", face)
        self.set_fallback_fonts(fallbacks, exact_match=False)
        self.letters = {key: _letters(font) for key, font in self.fonts.items()}
        self.all_letters = frozenset().union(*self.letters.values())
        self.add_page()

    def header(self) -> None:
        if self.page_no() > 1:
            self.head(self)

    def footer(self) -> None:
        self.foot(self)

    def type(self, size: float, *, bold: bool = False, soft: bool = False) -> None:
        """The face from here on."""
        self.set_font("Instrument", "B" if bold else "", size)
        self.set_text_color(*(SOFT if soft else INK))

    def put(self, x: float, width: float, text: str, *, right: bool = False) -> None:
        """One line of text on the line we are on; made smaller if it is too wide."""
        size = self.font_size_pt
        taken = self.width_of(text)
        if taken > width:
            self.set_font_size(max(4.0, size * width / taken))
            taken = self.width_of(text)
        self._lay(x + width - taken if right else x, self.y, text)
        self.set_font_size(size)

    def width_of(self, text: str) -> float:
        """As `get_string_width`, which takes its time because it knows the fallback faces."""
        font = self.current_font
        if not isinstance(font, TTFFont) or not self._is_plain(text):
            return self.get_string_width(text)
        return float(font.get_text_width(text, self.font_size_pt, None)[1]) / self.k

    def put_page_number(self, right: float) -> None:
        """`Page 2 of 7`, ending at `right`; how many there are is known when all are drawn."""
        page = f"Page {self.page_no()} of "
        width = self.get_string_width(f"{page}00")
        self._lay(right - width, self.y, f"{page}{PAGES}", slowly=True)

    def drawable(self, text: str) -> str:
        """The text as far as our faces can draw it, on one line."""
        whole = unicodedata.normalize("NFC", " ".join(text.split()))
        drawn = (one if one in self.all_letters else _instead(one) for one in whole)
        return " ".join("".join(drawn).split())

    def folded(self, text: str, width: float) -> list[str]:
        """The text in lines of at most this width; words that are too long are broken."""
        if self.width_of(text) <= width:
            return [text]
        lines = self.multi_cell(width, text=text, dry_run=True, output="LINES", align="L")
        return [str(line) for line in cast("list[str]", lines)]

    def rule(self, y: float, *, strong: bool = False) -> None:
        self.set_draw_color(*(STRONG_LINE if strong else LINE))
        self.set_line_width(0.2)
        self.line(MARGIN, y, MARGIN + WIDTH, y)

    def has_room_for(self, height: float) -> bool:
        return self.y + height <= BOTTOM

    def _lay(self, x: float, y: float, text: str, *, slowly: bool = False) -> None:
        """`text` is quick, but knows neither the fallback faces nor the number of pages."""
        if not slowly and self._is_plain(text):
            self.text(x, y, text)
            return
        self.set_xy(x, y - 0.3 * self.font_size)
        self.cell(None, 0, text)
        self.set_xy(x, y)

    def _is_plain(self, text: str) -> bool:
        """Can the face itself draw all of it?"""
        font = self.current_font
        return font is not None and self.letters[font.fontkey].issuperset(text)


def _instead(character: str) -> str:
    return UNDRAWN if unicodedata.category(character)[0] in "LN" else ""


def _fallbacks() -> Sequence[Path]:
    """`settings.STATEMENT_FONTS` may name more TrueType files, for example one for Chinese."""
    return [FALLBACK, *map(Path, getattr(settings, "STATEMENT_FONTS", []))]


def _letters(font: CoreFont | TTFFont) -> frozenset[str]:
    return frozenset(map(chr, font.cmap)) if isinstance(font, TTFFont) else frozenset()
