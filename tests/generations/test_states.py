from __future__ import annotations

import re

import pytest

from generations.states import FINAL, MOVES, PUBLIC, STAGES, State, with_public


@pytest.mark.parametrize("state", State)
def test_every_state_has_moves_a_public_word_and_a_stage(state):
    assert state in MOVES
    assert PUBLIC[state] in {"queued", "running", "succeeded", "failed", "canceled"}
    assert STAGES[state]


def test_a_final_state_is_never_left():
    assert all(not MOVES[state] for state in FINAL)


def test_every_state_can_still_end():
    for state in set(State) - FINAL:
        reached, front = set(), {state}
        while front:
            reached |= front
            front = {to for source in front for to in MOVES[source]} - reached
        assert reached & FINAL


def test_public_words_lead_back_to_all_states():
    assert {state for word in set(PUBLIC.values()) for state in with_public(word)} == set(State)


@pytest.mark.django_db
def test_the_database_knows_the_same_law():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE proname = 'generations_generation_moves_legally'"
        )
        source = cursor.fetchone()[0]

    kept = set(re.findall(r"\('(\w+)', '(\w+)'\)", source))
    assert kept == {(str(a), str(b)) for a, ends in MOVES.items() for b in ends}
