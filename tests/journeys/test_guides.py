"""What the guides print can be typed as it is, in every language, and does what it says."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest
from django.template.loader import get_template

from config import docs
from config.templatetags import snippets
from tests.journeys.site import Customer
from tests.journeys.test_first_clip import a_picture

pytestmark = pytest.mark.slow

RUN = {
    "curl": ["bash", "-euc"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}
#: What a page goes on from, beside the key; with curl it is an id.
BEFORE = {"follow": ["order"], "cancel": ["order"], "download": ["order", "wait"]}
#: These say what is refused; of the wallet's it is the saved card, as there is none.
REFUSED = {"errors", "cancel", "wallet"}
#: These bring a file home.
FETCHING = {"quickstart", "download"}


def printed(guide: docs.Guide) -> list[str]:
    """The names of its snippets."""
    source = get_template(f"docs/{guide.slug}.html").template.source
    return re.findall(r'{% snippet "(\w+)" %}', source)


#: What is canceled comes last: one key orders the same clip on all pages.
PAGES = sorted((one.slug for one in docs.GUIDES if printed(one)), key="cancel".__eq__)


def typed(slug: str, language: str) -> str:
    """All of a page, after what it goes on from."""
    names = printed(docs.Guide(slug, ""))
    before = ["me", *BEFORE.get(slug, [])] if language != "curl" else []
    begun = [name for name in before if name not in names]
    return "\n".join(snippets.source(name, language) for name in [*begun, *names])


@pytest.fixture(scope="module")
def readers(site) -> dict[str, Customer]:
    """One for each language."""
    return {language: site.customer() for language in RUN}


@pytest.fixture(scope="module")
def finished(readers) -> dict[str, str]:
    """A clip of each of theirs."""
    ids = {language: reader.order()["id"] for language, reader in readers.items()}
    for language, reader in readers.items():
        reader.finished(ids[language])
    return ids


@pytest.mark.parametrize("language", RUN)
@pytest.mark.parametrize("slug", PAGES)
def test_a_guide_can_be_typed_as_it_is(site, readers, finished, tmp_path, slug, language):
    if missing := not_here(slug, language):
        pytest.skip(f"there is no {missing} here")
    reader, picture = readers[language], a_picture()
    (tmp_path / "frame.jpg").write_bytes(picture)
    upload = reader.api.post("/uploads", files={"file": ("frame.jpg", picture)}).json()["id"]

    done = subprocess.run(
        [*RUN[language], typed(slug, language).replace(snippets.EXAMPLE, site.url)],
        env=os.environ | {"REELAY_KEY": reader.key, "ID": finished[language], "UPLOAD": upload},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout or language == "curl"
    refused = "/docs/errors/" in done.stdout or '"error":{' in done.stdout
    assert refused <= (slug in REFUSED), done.stdout
    if slug in FETCHING:
        assert (tmp_path / "clip.mp4").read_bytes()[4:8] == b"ftyp"


def not_here(slug: str, language: str) -> str:
    """The program or library that it takes and that is missing."""
    if language == "javascript" and not shutil.which("node"):
        return "node"
    if language == "javascript" and slug in ("openai", "webhooks"):
        return "package of npm's"
    if (slug, language) == ("openai", "python") and not importlib.util.find_spec("openai"):
        return "openai"
    return ""
