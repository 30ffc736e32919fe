"""What all pages have in common: small, strict, labelled, and kind when something is wrong."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from accounts.models import Membership, Role
from accounts.templatetags import site
from accounts.webhooks import deliveries, endpoints
from billing import money
from billing.templatetags import amounts
from config import docs
from generations.site import cards
from tests.factories import a_workspace
from tests.site import lives

GUIDES = [f"/docs/{guide.slug}" for guide in docs.GUIDES]
OUTSIDE = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/nowhere",
    "/api/docs",
    *GUIDES,
]
INSIDE = [
    "/studio",
    "/library",
    "/wallet",
    "/usage",
    "/team",
    "/workspaces",
    "/keys",
    "/webhooks",
    "/webhooks/orders",
    "/account",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/account/letters",
    "/account/data",
    "/account/delete",
    "/workspace/retention",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/3rdparty/",
    "/accounts/sessions/",
]
MOST_BYTES = 100_000


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, pairs):
        self.tags.append((tag, dict(pairs)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def full(browser, alice):
    """Alice has a password, and clips at every stage."""
    alice.user.set_password("rain on a tin roof")
    alice.user.save()
    browser.force_login(alice.user)
    for prompt in ("One", "Two", "Three"):
        lives.delivered(lives.ordered(alice, prompt=prompt))
    lives.failed(lives.ordered(alice))
    lives.running(lives.ordered(alice))
    lives.ordered(alice)
    deliveries.ping(endpoints.create(alice.workspace, url="https://customer.example/").endpoint)
    return browser


def every_page(browser, client) -> dict[str, str]:
    inside = {address: browser.get(address) for address in INSIDE}
    clip = re.search(r"/clips/gen_[0-9a-f]{32}", inside["/library"].content.decode())[0]
    inside[clip] = browser.get(clip)
    hook = re.search(r"/webhooks/endpoints/whe_[0-9a-f]{32}", inside["/webhooks"].content.decode())[
        0
    ]
    inside[hook] = browser.get(hook)
    sent = re.search(r"/webhooks/deliveries/whd_[0-9a-f]{32}", inside[hook].content.decode())[0]
    inside[sent] = browser.get(sent)
    outside = {address: client.get(address) for address in OUTSIDE}
    return {where: page.content.decode() for where, page in (inside | outside).items()}


def test_no_page_needs_more_than_a_strict_policy_allows(full, client):
    for where, page in every_page(full, client).items():
        for _, attributes in Tags(page).tags:
            assert "style" not in attributes, where
            assert not any(name.startswith("on") for name in attributes), where
        for script in Tags(page).of("script"):
            assert script.get("src") or script.get("type") == "application/json", where


def test_every_field_has_a_label(full, client):
    for where, page in every_page(full, client).items():
        tags = Tags(page)
        labelled = {label.get("for") for label in tags.of("label")}
        for field in tags.of("input", "select", "textarea"):
            if field.get("type") in ("hidden", "radio", "checkbox"):
                continue
            assert field.get("id") in labelled or field.get("aria-label"), (where, field)


def test_every_page_has_one_title_one_main_heading_and_a_language(full, client):
    for where, page in every_page(full, client).items():
        tags = Tags(page)
        assert len(tags.of("h1")) == 1, where
        assert len(Tags(page.partition("</head>")[0]).of("title")) == 1, where
        assert tags.of("html")[0]["lang"] == "en", where


def test_pages_weigh_less_than_a_hundred_kilobytes_without_media(full, client):
    for where, page in every_page(full, client).items():
        tags = Tags(page)
        links_to = [t.get("href") for t in tags.of("link")] + [
            t.get("src") for t in tags.of("script")
        ]
        files = {link for link in links_to if link and link.startswith("/static/")}
        weight = len(gzip.compress(page.encode())) + sum(sent(file) for file in files)
        assert weight < MOST_BYTES, where


def sent(address: str) -> int:
    """As WhiteNoise sends it: text compressed, as pages are, and fonts as they are."""
    content = Path(finders.find(address.removeprefix("/static/"))).read_bytes()
    return len(content) if address.endswith("woff2") else len(gzip.compress(content))


def test_every_static_file_a_page_names_exists(full, client):
    for where, page in every_page(full, client).items():
        for address in re.findall(r'(?:src|href)="/static/([^"]+)"', page):
            assert finders.find(address), (where, address)


def test_media_links_work_under_whatever_name_the_site_is_visited_by(full, alice):
    page = full.get("/library").content.decode()
    assert 'src="/files/' in page
    assert "http://127.0.0.1" not in page


def test_a_page_that_is_not_there_says_so_in_the_house_style(client, db):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Nothing on this frame" in answer.content.decode()


def test_a_form_without_its_token_is_refused_kindly(client, db):
    client.handler.enforce_csrf_checks = True
    answer = client.post("/accounts/login/", {"login": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


def test_too_many_wrong_passwords_are_slowed_down_kindly(client, db):
    for _ in range(6):
        answer = client.post("/accounts/login/", {"login": "a@example.org", "password": "wrong"})
    assert "Too many" in answer.content.decode()


def test_the_page_for_our_own_faults_needs_nothing_that_could_be_broken():
    page = render_to_string("500.html")
    assert "Something broke on our side" in page


def test_somebody_without_a_workspace_is_told_what_to_do(client, alice):
    Membership.objects.all().delete()
    client.force_login(alice.user)
    answer = client.get("/studio")
    assert answer.status_code == 403
    assert "Ask somebody to invite you" in answer.content.decode()


def test_one_person_in_two_workspaces_chooses_between_them(browser, alice):
    other = a_workspace(deposit="3.00")
    Membership.objects.create(workspace=other, user=alice.user, role=Role.MEMBER)
    assert "$10.00" in browser.get("/wallet").content.decode()
    browser.post("/workspace", {"workspace": other.public_id})
    assert "$3.00" in browser.get("/wallet").content.decode()


def test_nobody_looks_into_a_workspace_that_is_not_theirs(browser, charlie):
    answer = browser.post("/workspace", {"workspace": charlie.workspace.public_id})
    assert answer.status_code == 404
    assert browser.post("/workspace", {"workspace": "wks_"}).status_code == 404


def test_the_home_page_shows_what_every_clip_costs_now(client, db):
    page = client.get("/").content.decode()
    for words in ("Hailuo 2.3", "Hailuo 2.3 Fast", "$0.28", "$0.49", "not on sale"):
        assert words in page


@pytest.mark.parametrize("micros", [0, 1, 10_000, 280_000, 999_999, 1_000_000, 12_345_678_901])
def test_money_reads_as_in_the_books(micros):
    assert amounts.usd(micros).replace(",", "") == f"${money.usd(micros)}"
    assert amounts.signed_usd(-micros - 1).startswith("−$")


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "0:00"), (5.9, "0:05"), (65, "1:05"), (7389, "2:03:09")]
)
def test_times_read_as_on_a_clock(seconds, words):
    assert site.clock(seconds) == words


@pytest.mark.parametrize("reference", ["", "generation:", "generation:x", "topup:" + "0" * 32])
def test_only_a_generations_money_leads_to_a_clip(reference):
    assert site.clip_of(reference) == ""


@pytest.mark.parametrize("letter", ["clip_ready", "clip_failed"])
def test_letters_say_what_happened_to_the_money(alice, letter):
    order = lives.delivered(lives.ordered(alice, prompt="Rain & <b>thunder</b>"))
    context = {"generation": order, "address": "https://reelay.example/clips/gen_1"}
    plain = render_to_string(f"emails/{letter}.txt", context)
    rich = render_to_string(f"emails/{letter}.html", context)
    assert "Rain & <b>thunder</b>" in plain
    assert "Rain &amp; &lt;b&gt;thunder" in rich
    for text in (plain, rich):
        assert "$0.28" in text
        assert context["address"] in text
    assert render_to_string(f"emails/{letter}.subject.txt", context).strip().startswith("Your clip")


def test_links_of_another_host_stay_whole(settings):
    settings.SITE_URL = "https://reelay.example"
    assert cards.media_path("https://media.example/files/x") == "https://media.example/files/x"
    assert cards.media_path("https://reelay.example/files/x") == "/files/x"
