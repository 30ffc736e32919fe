"""Finds whatever a member of staff has in hand: any id of ours or of others, an address, words."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.contrib.admin.utils import quote
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Model
from django.urls import reverse

from accounts.models import (
    APIKey,
    CustomerEvent,
    IdempotencyRecord,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from billing.models import Payer, Quote, StripeEvent, TopUp
from generations.models import Attempt, Generation, Share, Upload
from generations.models.generation import NOT_FINAL, WORDS
from generations.providers import REGISTRY

#: Of each kind, the newest.
MOST = 10
#: So many with the same words can be put in order; of more, the newest so many clips are read.
FEW = 1000
#: Read first and then looked through: the planner would rather ask the index for all of them.
NEWEST = """
WITH newest AS MATERIALIZED (
    SELECT id, prompt FROM generations_generation
     WHERE deleted_at IS NULL AND finished_at IS NOT NULL ORDER BY id DESC LIMIT %s)
SELECT id FROM newest
 WHERE to_tsvector('simple', prompt) @@ websearch_to_tsquery('simple', %s)
 ORDER BY id DESC LIMIT %s"""
OURS = re.compile(r"(?:([a-z]{3})_)?([0-9a-f]{32})")
NAMED = re.compile(r"\b([a-z]{3})_([0-9a-f]{32})\b")
SHARED = re.compile(r"(?:^|/s/)([\w-]{24})(?:$|[/?#])")

#: What begins our public ids -> whose they are.
KINDS: dict[str, type[Model]] = {
    "gen": Generation,
    "wks": Workspace,
    "usr": User,
    "top": TopUp,
    "quo": Quote,
    "key": APIKey,
    "evt": CustomerEvent,
    "upl": Upload,
    "whe": WebhookEndpoint,
    "whd": WebhookDelivery,
    "bat": Generation,
    "att": Attempt,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and why it was found."""

    row: Model
    why: str

    @property
    def kind(self) -> str:
        return str(self.row._meta.verbose_name)

    @property
    def permission(self) -> str:
        return f"{self.row._meta.app_label}.view_{self.row._meta.model_name}"

    @property
    def link(self) -> str:
        name = f"admin:{self.row._meta.app_label}_{self.row._meta.model_name}_change"
        return reverse(name, args=[quote(self.row.pk)])

    @property
    def title(self) -> str:
        return str(getattr(self.row, "public_id", self.row))

    @property
    def detail(self) -> str:
        if isinstance(self.row, Generation):
            return f"{self.row.state} · {self.row.workspace} · {self.row.prompt[:100]}"
        return str(self.row)


def find(text: str, *, user: User) -> list[Found]:
    """What this person may see of it, the surest first, each once."""
    text = text.strip()
    found: dict[tuple[type[Model], object], Found] = {}
    for finder in FINDERS if 2 <= len(text) <= 300 and "\x00" not in text else ():
        for one in finder(text):
            found.setdefault((type(one.row), one.row.pk), one)
    return [one for one in found.values() if user.has_perm(one.permission)]


def _by_our_id(text: str) -> Iterator[Found]:
    """Alone, or somewhere in what was pasted: the address of a page, a sentence of a letter."""
    fits = OURS.fullmatch(text.lower().replace("-", "")) or NAMED.search(text.lower())
    if not fits:
        return
    prefix, id = fits[1], uuid.UUID(hex=fits[2])
    for kind in dict.fromkeys([KINDS[prefix]] if prefix in KINDS else KINDS.values()):
        for row in kind._default_manager.filter(pk=id):
            yield from _told(row)
    for row in Generation.objects.filter(batch=id).order_by("-id")[:MOST]:
        yield Found(row, "of this batch")


def _by_link(text: str) -> Iterator[Found]:
    """The address of a shared clip, or the end of it."""
    if fits := SHARED.search(text):
        for share in Share.objects.filter(token=fits[1]).select_related("generation__workspace"):
            yield Found(share.generation, "shared by this link")


def _told(row: Model) -> Iterator[Found]:
    """Whatever leads to a clip leads to its page."""
    if isinstance(row, Attempt):
        yield Found(row.generation, "an attempt of it")
    elif isinstance(row, CustomerEvent | WebhookDelivery):
        event = row if isinstance(row, CustomerEvent) else row.event
        yield from _of_reference(event.subject, "an event of it")
        for delivery in event.deliveries.all()[:MOST]:
            yield Found(delivery, "it on its way")
        yield Found(event.workspace, "an event of it")
    elif isinstance(row, TopUp):
        yield from _of_top_up(row)
    elif isinstance(row, WebhookEndpoint):
        yield Found(row, "this very id")
        yield Found(row.workspace, "an endpoint of it")
    else:
        yield Found(row, "this very id")


def _of_reference(reference: str, why: str) -> Iterator[Found]:
    """`generation:<hex>`, `gen_<hex>`, or several of them."""
    digits = re.findall(r"(?:generation:|gen_)([0-9a-f]{32})", reference)
    for row in Generation.objects.filter(pk__in=[uuid.UUID(hex=one) for one in digits[:MOST]]):
        yield Found(row, why)
    for batch in re.findall(r"bat_([0-9a-f]{32})", reference):
        for row in Generation.objects.filter(batch=uuid.UUID(hex=batch))[:MOST]:
            yield Found(row, why)


def _of_top_up(row: TopUp) -> Iterator[Found]:
    yield Found(row, "this payment")
    yield from _of_workspace(row.workspace, "paid by it")


def _of_workspace(row: Workspace, why: str) -> Iterator[Found]:
    yield Found(row, why)
    for one in Generation.objects.filter(workspace=row).order_by("-id")[:MOST]:
        yield Found(one, "its newest")


def _by_stripe(text: str) -> Iterator[Found]:
    if not re.fullmatch(r"(pi|cs|ch|py|evt|cus|re|dp|du)_\w+", text):
        return
    column = "pk" if text.startswith("evt_") else "object_id"
    for event in StripeEvent.objects.filter(**{column: text})[:MOST]:
        yield Found(event, "what Stripe told us")
        yield from _top_ups(event.object_id)
    yield from _top_ups(text)
    for payer in Payer.objects.filter(customer=text):
        yield from _of_workspace(payer.workspace, "a customer of Stripe's")


#: What begins Stripe's id of a payment -> the column that holds it.
PAYMENTS = {"cs": "session", "pi": "payment_intent", "ch": "charge", "py": "charge"}


def _top_ups(id: str) -> Iterator[Found]:
    if column := PAYMENTS.get(id.partition("_")[0]):
        for row in TopUp.objects.filter(**{column: id}).select_related("workspace")[:MOST]:
            yield from _of_top_up(row)


def _by_address(text: str) -> Iterator[Found]:
    if "@" not in text:
        return
    for person in User.objects.filter(email__istartswith=text)[:MOST]:
        yield Found(person, "this address")
        for workspace in person.workspaces.all()[:MOST]:
            yield from _of_workspace(workspace, f"of {person.email}")


def _by_job(text: str) -> Iterator[Found]:
    """The provider is named too, as the index begins with it."""
    jobs = Attempt.objects.filter(provider__in=REGISTRY, job_id=text)
    for attempt in jobs.select_related("generation__workspace")[:MOST]:
        yield Found(attempt.generation, f"{attempt.provider} calls it so")
        if before := attempt.generation.retry_of:
            yield Found(before, "ordered before it")


def _by_key(text: str) -> Iterator[Found]:
    for record in IdempotencyRecord.objects.filter(key=text)[:MOST]:
        yield from _of_reference(record.reference, "ordered with this Idempotency-Key")
        yield Found(record, "this Idempotency-Key")


def _by_name(text: str) -> Iterator[Found]:
    for workspace in Workspace.objects.filter(name__icontains=text)[:MOST]:
        yield Found(workspace, "its name")


def _by_words(text: str) -> Iterator[Found]:
    """
    Those under way, by the index of what is due, and the newest of those that ended.

    What few have is found by the index of words; what many have, among the newest. The database
    cannot tell the two apart beforehand: to go down for what nobody has took it 18 s in a million.
    """
    asked = SearchQuery(text, search_type="websearch", config="simple")
    rows = Generation.objects.alias(words=WORDS).filter(words=asked)
    under_way = rows.filter(NOT_FINAL).values_list("pk", flat=True)[:MOST]
    finished = rows.filter(deleted_at=None).exclude(finished_at=None).values_list("pk", flat=True)
    few = list(finished[: FEW + 1])
    if len(few) > FEW:
        few = _among_the_newest(text) or few
    found = [*under_way, *sorted(few, reverse=True)][:MOST]
    for row in Generation.objects.filter(pk__in=found).select_related("workspace").order_by("-pk"):
        yield Found(row, "words of its prompt")


def _among_the_newest(text: str) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [FEW, text, MOST])
        return [id for (id,) in cursor.fetchall()]


FINDERS: tuple[Callable[[str], Iterable[Found]], ...] = (
    _by_our_id,
    _by_link,
    _by_stripe,
    _by_address,
    _by_job,
    _by_key,
    _by_words,
    _by_name,
)
