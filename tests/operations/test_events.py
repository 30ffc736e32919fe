"""Whoever keeps the site hears of what is tried at its doors: a line of each, and a count."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from django.test import Client

from accounts import keys, security, tallies
from accounts.outbound import names
from accounts.outbound.addresses import Guard
from accounts.outbound.errors import ForbiddenAddress
from config import reports
from config.logging import JSON, Plain
from tests.api.tools import API, WORDS, problem
from tests.factories import a_member
from tests.operations.conftest import browser_of, in_role
from tests.operations.test_corrections import adjust
from tests.operations.test_observing import scraped
from tests.site.proving import PASSWORD, prove, signed_in, with_password


@pytest.fixture(autouse=True)
def _nothing_counted():
    tallies.forget()


@pytest.fixture
def heard(caplog, django_capture_on_commit_callbacks):
    """What was told of meanwhile: `heard(what happens)` are its lines."""

    def lines(act, *args) -> list[str]:
        caplog.clear()
        with (
            caplog.at_level(logging.INFO, logger=security.logger.name),
            django_capture_on_commit_callbacks(execute=True),
        ):
            act(*args)
        told = [one for one in caplog.records if one.name == security.logger.name]
        return [one.getMessage() for one in told]

    return lines


def log_in(user, password=PASSWORD):
    Client().post("/accounts/login/", {"login": user.email, "password": password})


def test_a_password_that_is_wrong_and_one_that_is_right(heard, alice):
    user = with_password(alice.user)

    wrong = heard(log_in, user, "not the password of anybody")
    right = heard(log_in, user)

    assert wrong == ["login.failed address=127.0.0.1"]
    assert right == [f"login.succeeded person={user.public_id} address=127.0.0.1"]


def test_somebody_signs_out(heard, alice):
    browser = signed_in(with_password(alice.user))

    told = heard(browser.post, "/accounts/logout/")

    assert told == [f"logout person={alice.user.public_id} address=127.0.0.1"]


def test_a_key_that_opens_nothing(heard, alice):
    revoked = keys.create(maker=alice, name="old")
    keys.revoke(key=revoked.key, now=revoked.key.created_at)

    told = heard(API(text=revoked.text).get, "/me")

    assert told == ["key.refused address=127.0.0.1 why=unauthorized"]


def test_what_is_no_key_at_all_is_not_worth_a_line(heard, db):
    assert heard(API(text="rly_live_mistyped").get, "/me") == []


def test_keys_and_roles_that_are_given(heard, alice):
    made = heard(lambda: keys.create(maker=alice, name="new"))

    member = a_member(alice.workspace)
    address = f"/team/members/{member.user.public_id}/role"
    browser = prove(signed_in(with_password(alice.user)))
    role = heard(browser.post, address, {"role": "admin"})

    assert any("action=api_key.created" in line for line in made)
    assert any(
        line.startswith(f"audit actor={alice.user.public_id} action=member.role") for line in role
    )


def test_money_that_staff_move(heard, alice):
    finance = browser_of(in_role("finance"))

    told = heard(adjust, finance, alice, "give", "2.50")

    assert any("audit actor=finance@staff.example action=" in line for line in told)


def test_a_link_that_leads_inside(heard, alice):
    wish = WORDS | {"webhook_url": "https://169.254.169.254/latest/meta-data"}
    api = API(alice)

    written = heard(lambda: problem(api.post("/generations", wish), 422, "webhook_url_not_allowed"))

    assert written == ["address.refused host=169.254.169.254"]


def test_a_name_that_leads_inside(heard):
    def judged():
        with pytest.raises(ForbiddenAddress):
            names.judge(["10.0.0.7"], host="innocent.example", port=443, guard=Guard())

    assert heard(judged) == ["address.refused host=innocent.example"]


def test_an_event_that_stripe_did_not_sign(heard, db, settings):
    settings.STRIPE_WEBHOOK_SECRET = "whsec_" + "x" * 32

    told = heard(
        lambda: Client().post(
            "/webhooks/stripe",
            {"id": "evt_1"},
            "application/json",
            headers={"Stripe-Signature": "t=1,v1=0"},
        )
    )

    assert told == ["signature.refused of=stripe address=127.0.0.1"]


VIOLATION = {
    "document-uri": "https://clips.example/studio?token=0123456789abcdef",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/x.js?0123456789abcdef",
    "line-number": 7,
}
NEWER = {
    "type": "csp-violation",
    "body": {
        "documentURL": "https://clips.example/studio?token=0123456789abcdef",
        "effectiveDirective": "script-src-elem",
        "blockedURL": "https://evil.example/x.js?0123456789abcdef",
        "lineNumber": 7,
    },
}


def report(body, kind="application/csp-report"):
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    answer = Client(enforce_csrf_checks=True).post(reports.PATH, raw, kind)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"csp-report": VIOLATION}, "application/csp-report"),
        ([NEWER], "application/reports+json"),
    ],
    ids=["report-uri", "report-to"],
)
def test_what_a_browser_stopped(heard, client, db, said, kind):
    told = heard(report, said, kind)

    assert told == [
        "csp.violated directive=script-src-elem blocked=https://evil.example/x.js "
        "page=https://clips.example/studio line=7"
    ]
    counted = {
        sample.labels["event"]: sample.value
        for family in scraped(client)
        if family.name == "reelay_security_events"
        for sample in family.samples
    }
    assert counted == {"csp.violated": 1}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff\xfe",
        "[" * 10_000,
        "null",
        "7",
        '"csp-report"',
        [],
        [None, 7, {"body": 7}],
        {"csp-report": []},
        {"csp-report": {"document-uri": {"a": "b"}}},
        {"csp-report": VIOLATION | {"padding": "x" * reports.MAX_BODY}},
    ],
    ids=range(11),
)
def test_a_report_that_is_none_is_no_error_and_no_line(heard, db, said):
    assert heard(report, said) == []


def test_a_report_forges_no_line_and_is_never_long(heard, db):
    (line,) = heard(report, {"csp-report": {"blocked-uri": "x\nERROR root: forged\r" + "y" * 9000}})

    assert "\n" not in line
    assert "\r" not in line
    assert len(line) < 2 * security.LONGEST


def test_one_address_reports_so_often_and_no_more(heard, db):
    told = heard(lambda: [report({"csp-report": VIOLATION}) for _ in range(reports.PER_MINUTE + 5)])

    assert len(told) == reports.PER_MINUTE


def test_a_batch_of_reports_is_a_few_lines(heard, db):
    assert len(heard(report, [NEWER] * 500, "application/reports+json")) <= reports.MOST


def test_reports_are_posted(client, db):
    assert client.get(reports.PATH).status_code == 405


@pytest.mark.parametrize("page", ["/", "/accounts/login/", "/admin/login/"])
def test_every_page_says_where_reports_go(client, db, page):
    headers = client.get(page).headers

    policy = headers["Content-Security-Policy"]
    assert f"report-uri {reports.PATH}" in policy
    assert "report-to csp" in policy
    assert headers["Reporting-Endpoints"] == f'csp="{reports.PATH}"'


@pytest.mark.parametrize("formatter", [JSON, Plain])
def test_a_line_holds_no_secret_of_an_address(formatter):
    record = logging.LogRecord(
        security.logger.name, logging.WARNING, "", 0, "csp.violated page=%s", None, None
    )
    record.args = ("https://clips.example/invitations/0123456789abcdef0123",)

    assert "0123456789abcdef" not in formatter().format(record)


def test_every_kind_is_told_somewhere_and_here():
    here = Path(__file__).read_text()

    for event in security.EVENTS:
        assert re.search(rf'"{re.escape(event)}[ "]', here), event
