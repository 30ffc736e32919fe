from collections.abc import Callable, Iterator

import pytest

from accounts.models import Workspace
from billing import audit
from tests.webhooks.program import Program
from tests.webhooks.receiver import receiving


@pytest.fixture
def audited(db) -> Iterator[None]:
    """Here no orders stand behind the references, so only the books' own rules are asked."""
    yield
    assert audit.own_faults() == []


@pytest.fixture
def listens(settings) -> Iterator[Callable[[Workspace], Program]]:
    """A workspace's own program, on loopback, which the operator allows."""
    with receiving() as receiver:
        settings.OUTBOUND_ALLOW = [receiver.pair]
        yield lambda workspace: Program(receiver, workspace)
