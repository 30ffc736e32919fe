"""Posters: drawn after delivery when nothing else is to do, or when first asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from generations import storage
from generations.loops import draw
from generations.models import Clip
from tests.generations.media.clips import make_clip
from tests.site import lives

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def content(tmp_path):
    return make_clip(tmp_path / "clip.mp4", size=(320, 180)).read_bytes()


def clip_of(generation):
    return Clip.objects.get(generation=generation)


def test_a_delivered_clip_gets_its_poster(alice, content):
    delivered = [lives.delivered(lives.ordered(alice), content) for _ in range(3)]

    assert draw.run() == 3
    assert draw.run() == 0

    for generation in delivered:
        clip = clip_of(generation)
        assert clip.poster_due_at is None
        with default_storage.open(clip.poster_name) as file:
            assert Image.open(file).size == (320, 180)


def test_what_cannot_be_drawn_is_given_up(alice):
    generation = lives.delivered(lives.ordered(alice), b"no video at all")

    draw.run()

    clip = clip_of(generation)
    assert (clip.poster_name, clip.poster_due_at) == ("", None)


def test_a_storage_that_is_away_is_asked_again_within_the_hour_for_a_day(alice, content):
    generation = lives.delivered(lives.ordered(alice), content)
    storage.discard(clip_of(generation).name)

    draw.run()
    again = clip_of(generation).poster_due_at
    now = timezone.now()
    Clip.objects.update(poster_due_at=now, created_at=now - timedelta(hours=25))
    draw.run()

    assert again > now + timedelta(minutes=50)
    assert clip_of(generation).poster_due_at is None
