"""Whatever is sent in a field is refused by name, or kept exactly and shown harmlessly."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.utils.html import escape

from accounts.models import IdempotencyRecord
from accounts.outbound.addresses import Guard
from billing import ledger
from generations.media.fetch import check_url
from generations.models import Generation, Upload
from tests.api import odd
from tests.api.tools import WORDS, a_picture
from tests.generations.media import spellings
from tests.openai.tools import OpenAI
from tests.site.conftest import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
MOST = Decimal(100_000_000)
BOUNDARY = "a-boundary"


def is_amount(value: object) -> bool:
    is_written_as_one = isinstance(value, str) and AMOUNT.fullmatch(value)
    return bool(is_written_as_one) and Decimal(value) <= MOST


def test_the_tables_are_as_long_as_they_should_be():
    assert len(odd.AMOUNTS) >= 300
    assert len(odd.TEXTS) * 4 >= 1500
    assert len(odd.GOOD_KEYS) + len(odd.BAD_KEYS) >= 200
    assert len(odd.FILE_NAMES) >= 300


# Amounts


def test_an_amount_is_understood_exactly_or_refused_by_name(api):
    """`max_price`, the same in both shapes: a dry run says how it was understood."""
    wrong = []
    for value in odd.AMOUNTS:
        answer = api.post("/generations", WORDS | {"max_price": value, "dry_run": True})
        told = answer.json()
        if answer.status_code == 200:
            right = is_amount(value) and Decimal(told["spec"]["max_price"]) == Decimal(value)
        elif answer.status_code == 409:
            right = is_amount(value) and Decimal(value) < Decimal("0.28")
        else:
            named = [error["field"] for error in told["errors"]]
            right = answer.status_code == 422 and named == ["max_price"] and not is_amount(value)
        wrong += [] if right else [(str(value)[:50], answer.status_code)]
    assert not wrong


def test_an_amount_that_is_none_is_refused_wherever_one_is_taken(api, alice, stripe, wallet):
    before, wrong = ledger.balance(wallet), []
    openai = OpenAI(alice)
    for value in [value for value in odd.AMOUNTS if not is_amount(value)]:
        answers = {
            "quote": api.post("/quotes", WORDS | {"max_price": value}),
            "video": openai.json(WORDS | {"max_price": value}),
            "top-up": api.post("/wallet/top-ups", {"amount": value}),
            "key": api.post("/api-keys", {"name": "x", "spend_limits": {"month": value}}),
        }
        for door, answer in answers.items():
            if answer.status_code != (400 if door == "video" else 422):
                wrong.append((door, str(value)[:50], answer.status_code))
    assert not wrong
    assert ledger.balance(wallet) == before
    assert not Generation.objects.exists()


# Texts


def test_texts_are_kept_to_the_letter_or_refused(api, wallet):
    ledger.deposit(wallet=wallet, amount=10**9, key="plenty")
    wrong = []
    for text in odd.TEXTS:
        wish = {"prompt": f"A kite {text}.", "tags": [text], "metadata": {text: text}}
        answer = api.post("/generations", WORDS | wish)
        if answer.status_code == 202:
            shown = api.get(f"/generations/{answer.json()['id']}").json()
            right = wish == {name: shown[name] for name in wish}
        else:
            right = answer.status_code == 422 and "\x00" in text
        wrong += [] if right else [(text, answer.status_code, answer.content[:200])]
    assert not wrong


def test_markup_in_texts_is_shown_as_text(api, alice, wallet):
    ledger.deposit(wallet=wallet, amount=10**9, key="plenty")
    browser, wrong = browser_of(alice), []
    for text in [text for text in odd.TEXTS if "<" in text and "\x00" not in text]:
        wish = {"prompt": f"A kite {text}.", "tags": [text]}
        id = api.post("/generations", WORDS | wish).json()["id"]
        for address in (f"/clips/{id}", f"/generations/{id}/card"):
            page = browser.get(address).content.decode()
            if text in page or escape(text) not in page:
                wrong.append((text, address))
    library = browser.get("/library").content.decode()
    assert not wrong
    assert "=alert(1)>" not in library


# Keys of requests


def test_a_key_that_is_no_1_to_255_visible_ascii_characters_is_refused_and_does_nothing(api):
    answers = {key: api.post("/generations", WORDS, idempotency_key=key) for key in odd.BAD_KEYS}

    assert {answer.status_code for answer in answers.values()} == {400}
    assert not Generation.objects.exists()
    assert not IdempotencyRecord.objects.exists()


def test_every_other_key_is_taken_as_it_is_and_belongs_to_its_own_request(api):
    first = {key: api.post("/quotes", WORDS, idempotency_key=key) for key in odd.GOOD_KEYS}
    again = {key: api.post("/quotes", WORDS, idempotency_key=key) for key in odd.GOOD_KEYS}

    assert {answer.status_code for answer in first.values()} == {201}
    assert {answer["Idempotent-Replayed"] for answer in again.values()} == {"true"}
    assert {key: one.content for key, one in first.items()} == {
        key: one.content for key, one in again.items()
    }
    assert len({one.content for one in first.values()}) == len(first)


# Names of files


def named(api, path: str, name: str, field: str, content: bytes, **words: str):
    """A form whose file is called so, byte for byte."""
    parts = [f'form-data; name="{word}"\r\n\r\n{said}' for word, said in words.items()]
    body = "".join(f"--{BOUNDARY}\r\nContent-Disposition: {part}\r\n" for part in parts).encode()
    said = f'form-data; name="{field}"; filename="{name}"'
    body += f"--{BOUNDARY}\r\nContent-Disposition: {said}\r\n\r\n".encode() + content
    return api.client.post(
        api._address(path),
        body + f"\r\n--{BOUNDARY}--\r\n".encode(),
        f"multipart/form-data; boundary={BOUNDARY}",
        headers={"Authorization": f"Bearer {api.key}"},
    )


def test_no_name_of_a_file_breaks_anything(api, alice):
    openai, statuses = OpenAI(alice), set()
    for name in filter(None, odd.FILE_NAMES):  # without a name no file was chosen
        statuses.add(named(api, "/uploads", name, "file", b"no picture").status_code)
        answer = named(openai, "/videos", name, "input_reference", b"no picture", prompt="A kite")
        statuses.add(answer.status_code)

    assert statuses <= {400, 422}
    assert not Upload.objects.exists()
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../evil.png", "a\x00b.png", "C:\\x.png", "x" * 300, "日本.exe"]
)
def test_a_file_is_kept_under_a_name_of_ours(api, settings, name):
    assert named(api, "/uploads", name, "file", a_picture()).status_code == 201

    upload = Upload.objects.get()
    assert re.fullmatch(r"[\w/.-]+", upload.name, re.ASCII)
    assert ".." not in upload.name
    assert (settings.MEDIA_ROOT / upload.name).exists()


def test_a_form_of_too_many_fields_is_refused(api, alice):
    fields = {f"field{number}": "x" for number in range(1001)}

    for caller, path in ((api, "/uploads"), (OpenAI(alice), "/videos")):
        assert named(caller, path, "a.png", "file", b"x", **fields).status_code == 400


# Addresses


def test_no_door_takes_an_address_whose_text_leads_inside(api, alice):
    given_away = [url.replace("{port}", "8080") for url in spellings.inside_urls()]
    given_away = [url for url in given_away if not looks_public(url)]
    openai, wrong = OpenAI(alice), []
    for url in given_away:
        doors = {
            "first frame": api.post("/generations", WORDS | {"first_frame_image": url}),
            "reference": openai.json(WORDS | {"input_reference": {"image_url": url}}),
            "webhook of an order": api.post("/generations", WORDS | {"webhook_url": url}),
            "endpoint": api.post("/webhook-endpoints", {"url": url}),
        }
        for door, answer in doors.items():
            if answer.status_code not in (400, 422):
                wrong.append((door, url, answer.status_code))

    assert len(given_away) >= 300
    assert not wrong
    assert not Generation.objects.exists()


def looks_public(url: str) -> bool:
    """A name that says nothing of where it leads: the connection is judged instead."""
    try:
        check_url(url, Guard())
    except Exception:
        return False
    return True
