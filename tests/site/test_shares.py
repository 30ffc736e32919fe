"""Links for anybody: what they show, what they never show, and how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from generations import orders
from generations.models import Generation, Share
from tests.site import lives

pytestmark = pytest.mark.usefixtures("audited")


@pytest.fixture
def clip(alice) -> Generation:
    return lives.delivered(lives.ordered(alice, prompt="A <paper> boat"))


@pytest.fixture
def link(browser, clip) -> Share:
    return made(browser, clip)


def made(browser, clip: Generation, **options) -> Share:
    form = {"days": "7", "shows_prompt": "on"} | options
    browser.post(f"/generations/{clip.public_id}/shares", form)
    return Share.objects.latest("id")


def addresses(link: Share) -> list[str]:
    return [f"/s/{link.token}", f"/s/{link.token}/clip", f"/s/{link.token}/poster"]


def test_anybody_sees_the_clip_by_its_link(client, link):
    page = client.get(f"/s/{link.token}")
    words = page.content.decode()
    assert "A &lt;paper&gt; boat" in words
    assert f'content="http://testserver/s/{link.token}/clip"' in words
    assert 'property="og:video:type" content="video/mp4"' in words
    assert page["X-Robots-Tag"] == "noindex"
    assert b"".join(client.get(f"/s/{link.token}/clip")) == b"not looked at here"


def test_the_link_tells_nothing_about_the_account(client, alice, link, clip):
    page = client.get(f"/s/{link.token}").content.decode()
    for secret in (alice.user.email, alice.workspace.name, clip.public_id, "$0.28", "runware"):
        assert secret not in page


def test_the_prompt_can_be_kept_to_oneself(client, browser, clip):
    link = made(browser, clip, shows_prompt="")
    Share.objects.update(shows_prompt=False)
    assert "paper" not in client.get(f"/s/{link.token}").content.decode()


def test_a_token_has_no_less_than_128_bits(link):
    assert len(link.token) * 6 >= 128


def test_views_are_counted_and_shown(client, browser, link, clip):
    for _ in range(3):
        client.get(f"/s/{link.token}")
    client.head(f"/s/{link.token}")
    assert "seen 3 times" in browser.get(f"/clips/{clip.public_id}").content.decode()


def test_a_link_ends_when_it_is_taken_back(client, browser, link):
    browser.post(f"/shares/{link.pk}/revoke")
    assert [client.get(address).status_code for address in addresses(link)] == [410, 404, 404]
    assert "This screening is over" in client.get(f"/s/{link.token}").content.decode()


def test_a_link_ends_with_its_time(client, link):
    Share.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [client.get(address).status_code for address in addresses(link)] == [410, 404, 404]


def test_a_link_ends_with_its_clip(client, link, clip):
    orders.delete(generation=clip)
    assert [client.get(address).status_code for address in addresses(link)] == [404, 404, 404]


@pytest.mark.parametrize("token", ["x", "A" * 24, "%00", "..%2f..%2fetc"])
def test_a_link_that_is_none_is_not_found(client, link, token):
    assert client.get(f"/s/{token}").status_code == 404
    assert client.get(f"/s/{link.token}/{token}").status_code == 404


def test_others_make_and_take_back_no_links(strangers_browser, clip, link):
    answer = strangers_browser.post(f"/generations/{clip.public_id}/shares", {"days": "7"})
    assert answer.status_code == 404
    assert strangers_browser.post(f"/shares/{link.pk}/revoke").status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None


def test_the_billing_role_makes_no_links(clerks_browser, clip):
    answer = clerks_browser.post(f"/generations/{clip.public_id}/shares", {"days": "7"})
    assert answer.status_code == 403


@pytest.mark.parametrize("days", ["", "0", "-1", "3", "9999", "x"])
def test_only_the_offered_lives_are_given(browser, clip, days):
    form = {"days": days}
    page = browser.post(f"/generations/{clip.public_id}/shares", form, follow=True)
    assert "Say how long" in page.content.decode()
    assert not Share.objects.exists()


def test_what_is_not_finished_is_not_shared(browser, alice):
    order = lives.ordered(alice)
    page = browser.post(f"/generations/{order.public_id}/shares", {"days": "7"}, follow=True)
    assert "Only a finished clip can be shared." in page.content.decode()


def test_a_clip_has_an_end_of_links(browser, clip):
    for _ in range(20):
        made(browser, clip)
    form = {"days": "7"}
    page = browser.post(f"/generations/{clip.public_id}/shares", form, follow=True)
    assert "at most 20 open links" in page.content.decode()
    assert Share.objects.count() == 20
