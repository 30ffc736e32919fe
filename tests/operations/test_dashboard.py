"""How the house is doing, at a glance, whatever was ordered."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from billing import audit, ledger
from billing.models import TopUp
from generations import figures, tasks
from generations.models import DailyFigures, Generation
from tests.operations.conftest import a_member_of_staff, browser_of, in_role
from tests.site import lives
from tests.site.test_browser import CHROMIUM, a_page

MANY = 1_000_000
SHOTS = Path(os.environ["SHOTS"]) if os.environ.get("SHOTS") else None


def test_the_day_is_added_up_from_the_books(alice):
    lives.delivered(lives.ordered(alice))
    lives.failed(lives.ordered(alice))
    lives.ordered(alice)

    tasks.figures()
    tasks.figures()

    today = DailyFigures.objects.filter(day=timezone.now().astimezone(UTC).date())
    done, waiting = today.get(provider="runware"), today.get(provider="")
    assert (done.orders, done.succeeded, done.failed, waiting.orders) == (2, 1, 1, 1)
    assert (done.revenue, done.cost) == (280_000, 280_000)
    assert done.median is not None


def test_the_dashboard_shows_them_with_the_oldest_jobs_and_what_is_held(desk, alice):
    lives.delivered(lives.ordered(alice))
    under_way = lives.ordered(alice)
    lives.running(under_way)
    tasks.past_figures()

    page = desk.get("/admin/").content.decode()

    for said in ("$0.28", "runware", "100%", under_way.public_id[:12], "for orders under way"):
        assert said in page


def the_day(page: str, beginning: str) -> list[str]:
    """What the charts say of today."""
    today = f"{timezone.now().astimezone(UTC):%m-%d}"
    return re.findall(f"<title>{today}: ({beginning}[^<]*)</title>", page)


def test_each_day_has_its_clips_its_money_its_success_and_its_time(desk, alice):
    lives.delivered(lives.ordered(alice))
    lives.failed(lives.ordered(alice))
    tasks.figures()
    DailyFigures.objects.update(cost=300_000, median=61.4, slowest=90)

    page = desk.get("/admin/").content.decode()

    assert the_day(page, "finished") == ["finished 1, failed 1", "finished of all that ended 50%"]
    assert the_day(page, "revenue") == ["revenue $0.28, cost $0.30, margin -$0.02"]
    assert re.search(r"<span>\$0.40</span><span></span><span>-\$0.02</span>", page)
    assert the_day(page, "half") == ["half of the clips 61 s, 95 of 100 90 s"]


def test_a_day_without_clips_has_neither_a_success_nor_a_time(desk, alice):
    lives.ordered(alice)
    tasks.figures()

    page = desk.get("/admin/").content.decode()

    assert the_day(page, "finished") == ["finished 0, failed 0"]
    assert the_day(page, "nothing") == ["nothing", "nothing"]


def test_what_failed_stands_upon_what_was_finished_not_behind_it(desk, alice):
    lives.delivered(lives.ordered(alice))
    lives.failed(lives.ordered(alice))
    tasks.figures()

    page = desk.get("/admin/").content.decode()

    bars = re.findall(r'plot__bar--(\d)" x="([\d.]+)" y="([\d.]+)"[^>]*height="([\d.]+)"', page)
    (_, x, y, height), (_, other_x, other_y, other_height) = bars
    assert x == other_x
    assert float(other_y) + float(other_height) == pytest.approx(float(y))
    assert float(y) + float(height) == pytest.approx(100)


def test_charts_and_cards_are_narrowed_to_one_provider_and_one_sku(desk, alice):
    one = lives.delivered(lives.ordered(alice))
    lives.ordered(alice, duration=10)
    tasks.figures()

    whole = desk.get("/admin/").content.decode()
    narrowed = desk.get("/admin/", {"provider": "runware", "sku": one.sku}).content.decode()
    other = desk.get("/admin/", {"provider": "nobody yet"}).content.decode()

    for link in ("?provider=runware", "?provider=nobody+yet", f"?{urlencode({'sku': one.sku})}"):
        assert f'href="{link}"' in whole
    assert f"runware · {one.sku}</strong> alone" in narrowed
    assert the_day(narrowed, "finished")[0] == "finished 1, failed 0"
    assert the_day(other, "finished")[0] == "finished 0, failed 0"
    assert "for orders under way" not in narrowed


@pytest.mark.parametrize("provider", ["nobody at all", "\x00", "<script>", "x" * 3000])
def test_a_provider_that_does_not_exist_has_no_figures(desk, alice, provider):
    lives.delivered(lives.ordered(alice))
    tasks.figures()

    answer = desk.get("/admin/", {"provider": provider})

    assert answer.status_code == 200
    assert the_day(answer.content.decode(), "finished") == ["finished 0, failed 0"]
    assert "<script>" not in answer.content.decode().split("The last 30 days")[1][:200]


def test_who_may_not_see_costs_sees_clips_and_times_by_provider_without_money(alice):
    lives.delivered(lives.ordered(alice))
    tasks.figures()

    page = browser_of(in_role("support")).get("/admin/").content.decode()

    assert "?provider=runware" in page
    assert len(the_day(page, "finished")) == 2
    assert not re.search(r"\$\d|revenue|margin|cost", page.split("The last 30 days")[1])


def test_who_may_not_see_orders_sees_no_figures(alice):
    page = browser_of(a_member_of_staff("nobody")).get("/admin/").content.decode()

    assert "Revenue" not in page


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_it_opens_in_half_a_second_with_a_million_orders(desk, alice):
    one = lives.ordered(alice)
    _many_like(one)
    tasks.past_figures()

    desk.get("/admin/")  # templates are compiled once
    began = time.perf_counter()
    answer = desk.get("/admin/")
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        day = {"first": figures._least_id(timezone.now()), "last": "f" * 32}
        cursor.execute(
            "EXPLAIN SELECT count(*) FROM generations_generation "
            "WHERE id >= %(first)s AND id < %(last)s", day,
        )  # fmt: skip
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert answer.status_code == 200
    assert Generation.objects.count() > MANY
    assert took < 0.5, plan
    assert "Index" in plan


def _many_like(one: Generation) -> None:
    """Spread over a month, as failed ones."""
    same = [field.column for field in Generation._meta.concrete_fields]
    changed = {
        "id": "(lpad(to_hex(((extract(epoch FROM now()) - n * 2.5) * 1000)::bigint), 12, '0')"
        " || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid",
        "state": "'failed'",
        "finished_at": "now() - n * interval '2.5 s' + interval '90 s'",
        "created_at": "now() - n * interval '2.5 s'",
        "provider": "(ARRAY['runware', 'pixazo', 'cloudflare'])[1 + mod(n, 3)]",
    }
    values = ", ".join(changed.get(column, f'g."{column}"') for column in same)
    names = ", ".join(f'"{column}"' for column in same)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            f"INSERT INTO generations_generation ({names}) SELECT {values} "
            f"FROM generations_generation g, generate_series(1, {MANY}) n WHERE g.id = %s",
            [one.pk],
        )
        cursor.execute("ANALYZE generations_generation")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here")
def test_a_member_of_staff_finds_and_settles_a_clip_in_two_clicks(live_server, desk, alice):
    one = lives.delivered(lives.ordered(alice, prompt="A lighthouse in a storm"))
    lives.running(lives.ordered(alice, prompt="A second one"))
    TopUp.objects.create(workspace=alice.workspace, amount=10_000_000, payment_intent="pi_1Qx")
    tasks.figures()
    job, before = one.attempts.get().job_id, ledger.balance(alice.workspace.wallet)

    with a_page(live_server.url) as page:
        session = desk.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.set_viewport_size({"width": 1400, "height": 1000})
        page.goto("/admin/")
        page.wait_for_timeout(500)
        page.screenshot(path=SHOTS / "dashboard.png", full_page=True) if SHOTS else None
        page.get_by_placeholder("Any id").fill(job)
        page.keyboard.press("Enter")
        expect(page.get_by_text("What happened")).to_be_visible()
        page.goto("/admin/")
        page.get_by_placeholder("Any id").fill("pi_1Qx")
        page.keyboard.press("Enter")
        page.get_by_role("row", name="A lighthouse in a storm").get_by_role("link").click()
        expect(page.get_by_text("What happened")).to_be_visible()
        page.screenshot(path=SHOTS / "story.png", full_page=True) if SHOTS else None
        page.get_by_label("Reason").fill("Not what was ordered")
        page.get_by_role("button", name="Fail and refund").click()
        expect(page.get_by_text("Refunded 0.28 USD").first).to_be_visible()
        told = page.get_by_role("listitem").filter(has_text="generation.refund")
        expect(told).to_contain_text("Not what was ordered")
        expect(told).to_contain_text("by stella@staff.example")
        expect(page.get_by_role("button", name="Fail and refund")).to_be_disabled()

    one.refresh_from_db()
    after = ledger.balance(alice.workspace.wallet)
    assert one.refunded == 280_000
    assert (after.available - before.available, after.held) == (280_000, before.held)
    assert audit.faults() == []


def test_a_list_is_paged_and_filtered_without_going_through_all_rows(desk, alice):
    one, other = lives.ordered(alice), lives.ordered(alice)
    lives.running(one)
    with CaptureQueriesContext(connection) as asked:
        page = desk.get("/admin/generations/generation/?provider=runware").content.decode()

    assert one.public_id in page
    assert other.public_id not in page
    counts = [one["sql"] for one in asked if "COUNT(" in one["sql"]]
    assert counts
    assert all("LIMIT 10000" in sql for sql in counts)
    assert not [one["sql"] for one in asked if "DISTINCT" in one["sql"]]
