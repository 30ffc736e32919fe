from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import ids


def test_ids_are_version_7_and_sort_by_time():
    made = [ids.uuid7() for _ in range(100)]

    assert all(id.version == 7 and id.variant == uuid.RFC_4122 for id in made)
    assert [id.int >> 80 for id in made] == sorted(id.int >> 80 for id in made)


@given(st.uuids())
def test_a_public_id_leads_back_to_the_private_one(id):
    assert ids.private("gen", ids.public("gen", id)) == id


@pytest.mark.parametrize(
    "text",
    ["", "gen_", "gen_xyz", "upl_" + "0" * 32, "gen_" + "0" * 31, "gen_" + "G" * 32, None, 7],
)
def test_what_is_no_id_of_ours_leads_nowhere(text):
    assert ids.private("gen", text) is None
