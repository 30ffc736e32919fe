"""Margins, drift and bills are read from what others tell; nothing is changed by them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from billing.models import Rate
from billing.pricing import bills, drift, margins, reports
from billing.pricing.reports import Fact, Job, Reported
from tests.billing.pricing.conftest import LONG, SHORT, a_rate, address, somebody, words

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)

FACTS = [
    Fact(OCTOBER, "acme", SHORT, 10, 2_800_000, 2_800_000, 2_600_000, 2_600_000, 0, 0),
    Fact(NOVEMBER, "acme", SHORT, 4, 1_120_000, 1_120_000, 0, 1_120_000, 2, 560_000),
    Fact(NOVEMBER, "beta", SHORT, 2, 800_000, 700_000, 0, 700_000, 0, 0),
]


@pytest.fixture
def sold():
    asked = []

    def tell(start, end):
        asked.append((start, end))
        return [fact for fact in FACTS if start.date() <= fact.month < end.date()]

    reports.register_facts(tell)
    return asked


# Margin ----------------------------------------------------------------------------------------


def test_the_margin_is_what_is_left_when_the_provider_is_paid_for_failures_too(sold):
    november, beta, october = sorted(
        margins.report(first=OCTOBER, last=NOVEMBER), key=lambda one: one.margin
    )

    assert (october.margin, october.share) == (200_000, "7.1 %")
    assert (beta.margin, beta.share) == (100_000, "12.5 %")
    assert (november.margin, november.share) == (-560_000, "-50.0 %")
    assert sold == [(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))]


def test_the_page_shows_months_providers_and_the_sum(staff, sold):
    read = words(staff.get(address("prices_margin"), {"first": "2026-10", "last": "2026-11"}))

    assert "16 clips brought $4.72 and cost $4.42, failures $0.56 more" in read
    assert "a margin of −$0.26 (-5.5 %)" in read
    assert f"2026-11 {SHORT} acme 4 1.12 1.12 0.00 2 (0.56) -0.56 -50.0 %" in read


def test_the_margin_can_be_taken_away_as_numbers(staff, sold):
    months = {"first": "2026-11", "last": "2026-11"}
    text = staff.get(address("prices_margin_csv"), months).content.decode("utf-8-sig")

    found = list(csv.DictReader(io.StringIO(text)))

    assert [(row["provider"], row["margin"], row["margin_percent"]) for row in found] == [
        ("beta", "0.10", "12.5"),
        ("acme", "-0.56", "-50.0"),
    ]


@pytest.mark.parametrize(
    "months",
    [
        {"first": "2026-13"},
        {"first": "x", "last": "2026-11"},
        {"first": "2026-11", "last": "2026-10"},
        {"first": "2001-01", "last": "2026-10"},
        {"first": "\x00"},
    ],
)
def test_months_that_are_none_are_told_so(staff, sold, months):
    for name in ["prices_margin", "prices_margin_csv"]:
        answer = staff.get(address(name), months)
        assert answer.status_code == 200
        assert "month" in words(answer) or "Null characters" in words(answer)
    assert not sold


def test_nothing_sold_is_nothing_and_no_error(staff):
    assert "Nothing was sold." in words(staff.get(address("prices_margin")))


# Drift -----------------------------------------------------------------------------------------


def reported(*rows: Reported) -> None:
    reports.register_reported(lambda since: rows)


def test_a_reported_cost_beside_the_table_raises_an_alarm(staff):
    reported(Reported("acme", SHORT, 280_000 * 20, 300_000 * 20, 20))

    found = drift.drifts(now=timezone.now())

    assert [(one.table, one.reported, one.change) for one in found] == [
        (280_000, 300_000, "+7.1 %")
    ]
    letter = drift.letter(found)
    assert letter.subject == "Price drift: 1 price to check"
    assert "the table says 0.28 USD, they take 0.30 USD (+7.1 %) over 20 clips." in letter.text
    assert "1 price in the table is not what the provider takes." in words(
        staff.get(address("prices_drift"))
    )


@pytest.mark.parametrize(
    ("each", "clips", "drifts"),
    [
        (280_000, 50, False),
        (285_600, 50, False),  # two percent
        (285_601, 50, True),
        (274_000, 50, True),  # cheaper is drift too
        (400_000, 4, False),  # too few
        (400_000, 5, True),
    ],
)
def test_small_steps_and_few_clips_are_no_drift(table, each, clips, drifts):
    reported(Reported("acme", SHORT, 280_000 * clips, each * clips, clips))

    assert bool(drift.drifts(now=timezone.now())) is drifts


def test_a_cent_is_drift_however_dear_the_clip(table):
    reported(Reported("acme", LONG, 560_000 * 9, 570_001 * 9, 9))

    assert drift.drifts(now=timezone.now())


def test_entering_the_right_cost_ends_the_alarm(table):
    reported(Reported("acme", SHORT, 280_000 * 20, 300_000 * 20, 20))
    assert drift.drifts(now=timezone.now())

    a_rate("acme", SHORT, 300_000, valid_from=timezone.now())

    assert drift.drifts(now=timezone.now()) == []
    assert drift.letter([]) is None


def test_the_metric_tells_all_that_is_measured(table):
    reported(
        Reported("acme", SHORT, 280_000 * 6, 280_000 * 6, 6),
        Reported("beta", SHORT, 350_000 * 6, 420_000 * 6, 6),
        Reported("beta", SHORT, 0, 0, 0),
        Reported("gone", SHORT, 350_000 * 6, 420_000 * 6, 6),
    )

    assert drift.gauges(now=timezone.now()) == [
        ({"provider": "acme", "sku": SHORT}, 1.0),
        ({"provider": "beta", "sku": SHORT}, 1.2),
    ]


# Bills -----------------------------------------------------------------------------------------

AT = datetime(2026, 10, 5, tzinfo=UTC)
JOBS = [
    Job(("job-1", "task-1"), SHORT, 280_000, AT, "succeeded"),
    Job(("job-2",), SHORT, 280_000, AT, "succeeded"),
    Job(("job-3",), LONG, 560_000, AT, "succeeded"),
    Job(("job-4",), SHORT, 0, AT, "failed"),
    Job(("job-5",), SHORT, 0, AT, "failed"),
    Job(("job-6",), SHORT, 280_000, AT, "succeeded"),
]


@pytest.fixture
def jobs():
    asked = []

    def tell(provider, start, end, named):
        asked.append((provider, start, end, set(named)))
        return JOBS + JOBS[:1]  # once by its time, once by its name

    reports.register_jobs(tell)
    return asked


def billed(client, *lines: str):
    file = SimpleUploadedFile("bill.csv", "\n".join(lines).encode())
    entered = {"provider": "acme", "month": "2026-10", "file": file}
    return client.post(address("prices_bill"), entered)


BILL = [
    "Task ID,Description,Amount (USD),Date",
    "TASK-1,clip,$0.28,2026-10-05",
    "job-2,clip,0.30,2026-10-05",
    "job-4,clip,0.28,2026-10-06",
    "job-6,clip,0.28,2026-10-06",
    "job-6,clip,0.28,2026-10-06",
    "stranger,=1+1,0.50,2026-10-07",
    ",fee,1.00,2026-10-31",
    "Total,,2.64,",
]


def test_a_bill_is_compared_job_by_job(staff, jobs):
    answer = billed(staff, *BILL)
    read = words(answer)

    assert "agreed 1 0.28 0.28 0.00" in read
    assert "we have it, they do not bill it 1 0.56 0.00 -0.56" in read
    assert "they bill it, we do not know it 2 0.00 1.50 1.50" in read
    assert "amounts differ 3 0.56 1.14 0.58" in read
    assert "everything 7 1.40 2.92 1.52" in read
    assert "succeeded, billed 2 times" in read
    [(provider, start, _, named)] = jobs
    assert (provider, start) == ("acme", datetime(2026, 10, 1, tzinfo=UTC))
    assert {"task-1", "job-6"} <= named


def test_the_same_bill_gives_the_same_findings_and_changes_nothing(staff, jobs):
    before = Rate.objects.count()

    first, second = (words(billed(staff, *BILL)) for _ in range(2))

    assert first == second
    assert Rate.objects.count() == before


def test_the_differences_are_a_file_for_the_one_who_asked(staff, jobs, client):
    page = billed(staff, *BILL).content.decode()
    link = next(part for part in page.split('"') if part.endswith(".csv") and "/bill/" in part)

    rows = list(csv.DictReader(io.StringIO(staff.get(link).content.decode("utf-8-sig"))))

    assert [row["job"] for row in rows][:2] == ["(no job id)", "job-3"]
    assert {row["what"] for row in rows} == {
        "amounts differ",
        "they bill it, we do not know it",
        "we have it, they do not bill it",
    }
    assert staff.get(link.replace("/bill/", f"/bill/{'0' * 300}")).status_code == 404
    assert somebody(client, "view_rate").get(link).status_code == 404


def test_everything_agrees_when_it_does(staff, jobs):
    lines = ["id;cost", "job-1;0,28", "job-2;0,28", "job-3;0,56", "job-6;0,28000000000000003"]

    assert "Everything agrees." in words(billed(staff, *lines))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"a,b\n1,2", "Line 1: No column names the job"),
        (b"job_id,b\n1,2", "Line 1: No column names the amount"),
        (b"job_id,amount\n1,lots", "Line 2, amount: “lots” is no amount in USD."),
        (b"job_id,amount\n1,", "Line 2, amount: “” is no amount in USD."),
        (b"job_id,amount\n1,1e400", "is no amount in USD."),
        (b"\xff\xfej\x00", "UTF-16"),
        (b"id,amount\n" + b"1,1\n" * 100_001, "The file has more than 100000 lines."),
        (b"x" * ((10 << 20) + 1), "larger than 10240 KB"),
    ],
)
def test_a_bill_that_cannot_be_read_says_where(staff, jobs, content, says):
    file = SimpleUploadedFile("bill.csv", content)
    entered = {"provider": "acme", "month": "2026-10", "file": file}

    assert says in words(staff.post(address("prices_bill"), entered))
    assert not jobs


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1,234.50", 1_234_500_000),
        ("-0.28", -280_000),
        ("1,234", 1_234_000_000),
        ("0,2800", 280_000),
        ("0.28 USD", 280_000),
        ("0.0000004", 0),
    ],
)
def test_amounts_are_read_as_bills_write_them(text, amount):
    [charge] = bills.read(f'job_id\tcost\na\t"{text}"'.encode()).charges

    assert charge.amount == amount


def test_a_long_bill_is_read_and_compared_within_seconds(staff, jobs):
    lines = [f"job-{number},0.28" for number in range(90_000)]

    assert "everything" in words(billed(staff, "job_id,amount", *lines))
