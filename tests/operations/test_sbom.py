"""Whoever runs Reelay can tell what it is made of, in a form that scanners read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.M))


def listed(requirements: Path) -> dict[str, Any]:
    command = [sys.executable, ROOT / ".ci" / "sbom.py", requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def sbom() -> dict[str, Any]:
    return listed(ROOT / "requirements.txt")


def test_every_locked_package_stands_in_it_with_its_version(sbom):
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    assert len(LOCKED) > 50
    assert {one["name"]: one["version"] for one in sbom["components"]} == LOCKED
    for one in sbom["components"]:
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"


def test_each_is_known_by_the_digests_it_is_installed_by(sbom):
    for one in sbom["components"]:
        (files,) = one["externalReferences"]
        assert files["hashes"]
        assert all(re.fullmatch("[0-9a-f]{64}", each["content"]) for each in files["hashes"])
        assert {each["alg"] for each in files["hashes"]} == {"SHA-256"}


def test_it_says_who_wants_what(sbom):
    wants = {one["ref"]: one.get("dependsOn", []) for one in sbom["dependencies"]}
    version = LOCKED.__getitem__

    assert sbom["metadata"]["component"]["name"] == "reelay"
    assert f"pkg:pypi/django@{version('django')}" in wants["reelay"]
    assert f"pkg:pypi/kombu@{version('kombu')}" in wants[f"pkg:pypi/celery@{version('celery')}"]
    reached, waiting = set(), ["reelay"]
    while waiting:
        for one in set(wants[waiting.pop()]) - reached:
            reached.add(one)
            waiting.append(one)
    assert reached == {one["bom-ref"] for one in sbom["components"]}


def test_what_is_locked_anew_stands_in_it_anew(tmp_path):
    few = tmp_path / "requirements.txt"
    few.write_text(
        f"kite==1.2 ; sys_platform == 'win32' \\\n    --hash=sha256:{'0' * 64}\n"
        "    # via\n    #   -r requirements.in\n    #   string\n"
        f"string==3.0.post1 \\\n    --hash=sha256:{'1' * 64}\n    # via -r requirements.in\n"
    )

    made = listed(few)

    assert [(one["name"], one["version"], one["scope"]) for one in made["components"]] == [
        ("kite", "1.2", "optional"),
        ("string", "3.0.post1", "required"),
    ]
    assert {"ref": "pkg:pypi/string@3.0.post1", "dependsOn": ["pkg:pypi/kite@1.2"]} in made[
        "dependencies"
    ]
