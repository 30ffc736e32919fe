"""`manage.py render_shots`: draw the home page's clips and their posters with our own sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import av
from django.conf import settings
from django.core.management.base import BaseCommand

from generations.sandbox.clip import Clip
from generations.sandbox.render import render
from generations.site.shots import SHOTS, Shot

STATIC = Path(settings.STATICFILES_DIRS[0])
SIZE = (512, 288)
SECONDS = 5
#: Small rather than sharp: they are seen at a third of a window's width.
ENCODER = {"preset": "veryslow", "crf": "26", "movflags": "+faststart"}
POSTER_QUALITY = 74


class Command(BaseCommand):
    help = "Draws the clips of the home page anew, into static/."

    def handle(self, **options: Any) -> None:
        for shot in SHOTS:
            with tempfile.TemporaryDirectory() as folder:
                drawn = Path(folder) / "drawn.mp4"
                render(_order(shot), drawn)
                clip = STATIC / shot.clip
                _shrink(drawn, clip, clip.with_suffix(".webp"))
            self.stdout.write(f"{shot.clip}  {clip.stat().st_size // 1024} KB")


def _order(shot: Shot) -> Clip:
    return Clip(shot.wish, SECONDS, 2 * SIZE[0], 2 * SIZE[1])


def _shrink(drawn: Path, clip: Path, poster: Path) -> None:
    """Encoded again, with patience; the poster is its first picture, so that nothing jumps."""
    with av.open(str(drawn)) as source, av.open(str(clip), "w") as target:
        stream = target.add_stream("libx264", rate=25, options=ENCODER)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            small = frame.reformat(*SIZE, interpolation="LANCZOS")
            if number == 0:
                small.to_image().save(  # type: ignore[no-untyped-call]
                    poster, quality=POSTER_QUALITY, method=6
                )
            small.pts = None
            target.mux(stream.encode(small))
        target.mux(stream.encode(None))
