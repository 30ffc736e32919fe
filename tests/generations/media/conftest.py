"""Clips that several tests look at and none changes."""

from __future__ import annotations

import pytest

from tests.generations.media.clips import make_clip


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """Small two-second clips, by name."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "mp4": make_clip(folder / "a.mp4", audio=True, movflags="+faststart"),
        "mp4-index-last": make_clip(folder / "b.mp4"),
        "mov": make_clip(folder / "c.mov", container="mov"),
        "webm": make_clip(folder / "d.webm", container="webm", codec="libvpx-vp9", audio=True),
        "webm-vp8": make_clip(folder / "e.webm", container="webm", codec="libvpx"),
        "webm-live": make_clip(folder / "f.webm", container="webm", codec="libvpx", live="1"),
    }
