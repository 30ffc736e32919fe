"""Who gets in, what a provider's page shows, and that only one beat beats."""

from __future__ import annotations

import time

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from accounts.models import AuditEntry
from config.beat import PatientScheduler
from generations.models import ProviderStatus
from tests.operations.conftest import browser_of
from tests.site import lives


def test_staff_need_a_second_factor_where_real_things_are_sold(desk, stella, settings):
    settings.STAFF_NEED_MFA = True

    answer = desk.get("/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/2fa/")

    Authenticator.objects.create(user=stella, type="totp", data={"secret": "x"})
    assert desk.get("/admin/").status_code == 200


def test_the_admins_own_login_is_not_a_way_round_it(client, db):
    answer = client.get("/admin/login/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def looked(browser, minutes_ago: float) -> None:
    """So long ago."""
    session = browser.session
    session["staff_seen"] = time.time() - minutes_ago * 60
    session.save()


def test_after_a_pause_staff_prove_again_who_they_are(stella):
    stella.set_password("projector-amber-1")
    stella.save()
    browser = browser_of(stella)
    assert browser.get("/admin/").status_code == 200
    looked(browser, minutes_ago=31)
    address = "/admin/accounts/user/?q=alice"

    answer = browser.get(address)

    assert answer.status_code == 302
    door = answer.headers["Location"]
    assert door == "/accounts/reauthenticate/?next=%2Fadmin%2Faccounts%2Fuser%2F%3Fq%3Dalice"
    assert browser.post("/admin/accounts/user/", {"action": "x"}).status_code == 302
    proved = browser.post(door, {"password": "projector-amber-1"})
    assert (proved.status_code, proved.headers["Location"]) == (302, address)
    assert browser.get(address).status_code == 200


def test_who_goes_on_looking_is_not_asked_again(desk):
    for _ in range(3):
        looked(desk, minutes_ago=29)
        assert desk.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("address", "status"), [("203.0.113.9", 200), ("2001:db8::1", 200), ("198.51.100.1", 404)]
)
def test_staff_come_from_where_the_operator_says_and_for_others_there_is_no_admin(
    desk, client, settings, address, status
):
    settings.STAFF_ADDRESSES = ["203.0.113.0/24", "2001:db8::/32"]

    assert desk.get("/admin/", REMOTE_ADDR=address).status_code == status
    nobody = client.get("/admin/login/", REMOTE_ADDR=address).status_code
    assert nobody == (404 if status == 404 else 302)


@pytest.fixture
def runware(db):
    return ProviderStatus.objects.create(name="runware", last_error="busy: come back")


def test_a_providers_page_shows_its_load_and_its_last_errors(desk, alice, runware):
    lives.running(lives.ordered(alice))
    lives.failed(lives.ordered(alice), said="too violent")

    page = desk.get("/admin/generations/providerstatus/runware/change/").content.decode()

    for said in ("jobs in flight", "takes orders", "content_policy", "too violent"):
        assert said in page


def test_a_dry_run_shows_what_would_be_sent_without_our_key(desk, runware, settings):
    desk.get("/admin/")  # noted as seen: this page gives its connection back

    answer = desk.get("/admin/generations/providerstatus/runware/dry-run/")

    page = answer.content.decode()
    assert "A paper boat on a pond" in page
    assert settings.PROVIDERS["runware"].api_key not in page


@pytest.mark.django_db(transaction=True)
def test_of_two_beats_one_waits_until_the_other_is_gone():
    parameters = connection.get_connection_params()
    wanted = {
        name: parameters[name]
        for name in ("host", "port", "dbname", "user")
        if parameters.get(name)
    }
    beat = PatientScheduler.__new__(PatientScheduler)

    with psycopg.connect(**wanted, autocommit=True, password=parameters.get("password")) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('reelay.beat'))")
        assert not beat._leads()

    until = time.monotonic() + 10
    while not beat._leads() and time.monotonic() < until:  # its session ends a moment later
        time.sleep(0.05)
    assert beat._leads()
    connection.close()


def test_a_provider_that_never_had_trouble_has_a_page_where_it_is_drained(desk, stella):
    assert "runware" in desk.get("/admin/generations/providerstatus/").content.decode()
    address = "/admin/generations/providerstatus/runware/change/"
    ProviderStatus.objects.filter(name="runware").update(look_errors=3)

    answer = desk.post(address, AS_IT_WAS | {"draining": "on", "reason": "They ask us to"})

    assert answer.status_code == 302, answer.content.decode()
    runware = ProviderStatus.objects.get()
    assert (runware.draining, runware.look_errors) == (True, 3)
    entry = AuditEntry.objects.get(action="provider.changed")
    assert (entry.actor, entry.subject) == (stella.email, "runware")
    assert entry.data == {"draining": True, "reason": "They ask us to"}


#: A provider's form as it is opened, with nothing changed.
AS_IT_WAS = {"enabled": "on", "initial-enabled": "True", "initial-draining": "False"}
PROVIDER = "/admin/generations/providerstatus/runware/change/"


def test_a_provider_is_not_changed_without_a_reason(desk, runware):
    page = desk.post(PROVIDER, AS_IT_WAS | {"draining": "on", "reason": " "}).content.decode()

    assert "This field is required" in page
    runware.refresh_from_db()
    assert not runware.draining
    assert not AuditEntry.objects.exists()


def test_two_who_change_a_provider_at_once_keep_each_others_changes(desk, runware):
    """Both have opened the page; one drains it, the other sets its cap."""
    desk.post(PROVIDER, AS_IT_WAS | {"draining": "on", "reason": "Slow"})
    desk.post(PROVIDER, AS_IT_WAS | {"most_in_flight": "5", "reason": "Slow"})

    runware.refresh_from_db()
    assert (runware.draining, runware.most_in_flight) == (True, 5)


def test_of_two_who_set_one_cap_at_once_the_second_is_told(desk, runware):
    first, second = ({"most_in_flight": cap, "reason": "Slow"} for cap in ("5", "7"))
    assert desk.post(PROVIDER, AS_IT_WAS | first).status_code == 302

    page = desk.post(PROVIDER, AS_IT_WAS | second).content.decode()

    assert "Somebody else has changed this meanwhile" in page
    runware.refresh_from_db()
    assert runware.most_in_flight == 5
    told = desk.get(PROVIDER).content.decode()
    assert 'name="initial-most_in_flight" value="5"' in told


def test_a_providers_last_errors_are_no_errors_of_its_form(desk, alice, runware):
    lives.failed(lives.ordered(alice), said="too violent")

    assert "Please correct" not in desk.get(PROVIDER).content.decode()


def test_a_provider_without_a_row_stands_on_the_dashboard_with_a_link_that_works(desk):
    page = desk.get("/admin/").content.decode()

    assert "/admin/generations/providerstatus/runware/change/" in page
    assert desk.get("/admin/generations/providerstatus/runware/change/").status_code == 200
