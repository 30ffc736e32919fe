"""Hosted pages, over plain HTML forms."""

from __future__ import annotations

import re

import pytest

from tests.billing.sandbox.house import SHOP, text_of


def every_page(house):
    customer = house.customer()
    house.stripe.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    waiting = house.session()
    asked = house.pay(waiting, "4000002500003155").headers["Location"]
    paid = house.paid(customer=customer.id)
    portal = house.stripe.billing_portal.sessions.create({"customer": customer.id})
    intent = house.stripe.payment_intents.retrieve(
        paid.payment_intent, {"expand": ["latest_charge"]}
    )
    return [
        f"/c/pay/{house.session().id}",
        f"/c/pay/{paid.id}",
        asked,
        portal.url,
        intent.latest_charge.receipt_url,
    ]


def test_every_page_says_that_it_is_a_test_and_loads_nothing(house):
    for address in every_page(house):
        page = house.browser.get(address)

        assert page.status_code == 200, address
        assert "Test payment. No real money." in page.text
        assert not re.search(r"<script|src=|@import|url\(", page.text)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"


def test_every_field_and_button_has_a_name(house):
    for address in every_page(house):
        page = house.browser.get(address).text

        for found in re.finditer(r'<input id="(\w+)"', page):
            assert f'<label for="{found[1]}">' in page
        for found in re.finditer(r"<button[^>]*>(.*?)</button>", page, re.DOTALL):
            assert re.sub(r"<[^>]+>", "", found[1]).strip()


def test_one_click_fills_in_a_test_card_and_keeps_what_was_typed(house):
    session = house.session()

    page = house.pay(session, "", fill="4000000000009995", email="bob@example.org")

    assert page.status_code == 200
    assert 'value="4000 0000 0000 9995"' in page.text
    assert 'value="bob@example.org"' in page.text
    assert house.counters()["charges_failed"] == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "4242 4242 4242 4241"}, "card number is not complete"),
        ({"number": "4111 1111 1111 1111"}, "Only test cards"),
        ({"expiry": "13 / 30"}, "when the card expires"),
        ({"expiry": "01 / 20"}, "has expired"),
        ({"cvc": "1"}, "security code"),
        ({"email": "nobody"}, "e-mail address"),
        ({"method": "pm_other"}, "No such PaymentMethod"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_charged(house, typed, said):
    session = house.session()

    page = house.pay(session, **typed)

    assert page.status_code == 422
    assert said in text_of(page)
    assert house.events() == []


def test_a_number_that_was_refused_is_neither_shown_again_nor_kept(house):
    page = house.pay(house.session(), "4111 1111 1111 1111")

    assert "4111" not in page.text
    stored = b"".join(path.read_bytes() for path in house.state.iterdir())
    assert b"4111" not in stored
    assert b"411111" not in stored


def test_text_of_the_shop_is_text(house):
    session = house.stripe.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": f"{SHOP}/paid",
            "line_items": [
                {
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": 700,
                        "product_data": {"name": "<b>bold</b>"},
                    }
                }
            ],
        }
    )

    assert "&lt;b&gt;bold&lt;/b&gt;" in house.browser.get(f"/c/pay/{session.id}").text


def test_the_portal_changes_the_default_and_removes_cards(house):
    customer = house.customer()
    cards = [
        house.stripe.payment_methods.attach(name, {"customer": customer.id})
        for name in ("pm_card_visa", "pm_card_mastercard")
    ]
    portal = house.stripe.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": f"{SHOP}/wallet"}
    )
    assert f'href="{SHOP}/wallet"' in house.browser.get(portal.url).text

    house.browser.post(f"{portal.url}/cards/{cards[1].id}/default")
    house.browser.post(f"{portal.url}/cards/{cards[0].id}/remove")
    twice = house.browser.post(f"{portal.url}/cards/{cards[0].id}/remove")

    assert twice.status_code == 303
    after = house.stripe.customers.retrieve(customer.id)
    assert after.invoice_settings.default_payment_method == cards[1].id
    left = house.stripe.payment_methods.list({"customer": customer.id}).data
    assert [one.id for one in left] == [cards[1].id]
    page = text_of(house.browser.get(portal.url))
    assert "Mastercard •••• 4444 Default" in page
    assert "Visa" not in page


def test_the_portal_changes_nobody_elses_cards_and_closes_after_an_hour(house):
    alice, bob = house.customer(), house.customer("bob@example.org")
    card = house.stripe.payment_methods.attach("pm_card_visa", {"customer": bob.id})
    portal = house.stripe.billing_portal.sessions.create({"customer": alice.id})

    house.browser.post(f"{portal.url}/cards/{card.id}/remove")

    assert house.stripe.payment_methods.retrieve(card.id).customer == bob.id
    house.tell("clock", move=3601)
    assert house.browser.get(portal.url).status_code == 404


def test_the_portal_lists_payments_with_their_receipts(house):
    customer = house.customer()
    paid = house.paid(customer=customer.id)
    house.tell(f"payments/{paid.id}/refund", amount=500)
    portal = house.stripe.billing_portal.sessions.create({"customer": customer.id})

    page = house.browser.get(portal.url)

    assert "$25.00 Partly refunded" in text_of(page)
    (receipt,) = re.findall(r'href="([^"]+/receipts/[^"]+)"', page.text)
    told = text_of(house.browser.get(receipt))
    assert "Visa •••• 4242" in told
    assert "−$5.00" in told
    assert house.browser.get(receipt[:-1]).status_code == 404
