"""API keys: shown once, stored as a hash, refused with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import keys
from accounts.models import APIKey


def test_a_key_opens_the_workspace_it_was_made_for(bob):
    made = keys.create(maker=bob, name="CI")

    found = keys.find(made.text, now=timezone.now())

    assert found == made.key
    assert found.workspace == bob.workspace


def test_nothing_stored_is_the_key(bob):
    made = keys.create(maker=bob, name="CI")

    row = APIKey.objects.filter(pk=made.key.pk).values().get()

    secret = made.text.split("_")[3][:43]
    assert not any(secret in str(value) for value in row.values())


def test_a_mistyped_key_is_told_apart_without_asking_the_database(bob, django_assert_num_queries):
    text = keys.create(maker=bob, name="CI").text
    mistyped = text[:-1] + ("a" if text[-1] != "a" else "b")

    with django_assert_num_queries(0), pytest.raises(keys.KeyRefused, match="mistyped"):
        keys.find(mistyped, now=timezone.now())


def test_a_revoked_key_says_so(bob):
    made = keys.create(maker=bob, name="CI")
    keys.revoke(key=made.key, now=timezone.now())

    with pytest.raises(keys.KeyRefused, match="revoked"):
        keys.find(made.text, now=timezone.now())


def test_an_expired_key_says_so(bob):
    now = timezone.now()
    made = keys.create(maker=bob, name="CI", expires_at=now + timedelta(days=1))

    assert keys.find(made.text, now=now)
    with pytest.raises(keys.KeyRefused, match="expired"):
        keys.find(made.text, now=now + timedelta(days=2))


def test_a_removed_members_keys_die_at_once(bob):
    made = keys.create(maker=bob, name="CI")
    bob.delete()

    with pytest.raises(keys.KeyRefused, match="revoked"):
        keys.find(made.text, now=timezone.now())


def test_the_keys_of_somebody_disabled_open_nothing(bob):
    made = keys.create(maker=bob, name="CI")
    bob.user.is_active = False
    bob.user.save(update_fields=["is_active"])

    with pytest.raises(keys.KeyRefused, match="suspended"):
        keys.find(made.text, now=timezone.now())


def test_keys_survive_a_change_of_the_pepper(bob, settings):
    made = keys.create(maker=bob, name="CI")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8

    assert keys.find(made.text, now=timezone.now()) == made.key


def test_use_is_noted_at_most_once_a_minute(bob, django_assert_num_queries):
    key = keys.create(maker=bob, name="CI").key
    now = timezone.now()
    keys.note_use(key, now=now)
    key.refresh_from_db()

    with django_assert_num_queries(0):
        keys.note_use(key, now=now + timedelta(seconds=30))

    assert key.last_used_at == now


@given(st.text(max_size=100))
def test_whatever_is_no_key_is_refused_kindly(text):
    with pytest.raises(keys.KeyRefused):
        keys.find(text, now=timezone.now())
