"""
What Reelay is made of, as CycloneDX in JSON on standard output: `python sbom.py REQUIREMENTS`

Everything that stands in the locked list, with the digests of its files and who wants it.
"""

from __future__ import annotations

import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import NamedTuple

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
#: A line that begins a package, up to the line that begins the next one.
PACKAGE = re.compile(r"^([\w.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?(?: \\)?\n((?:[ ]+.*\n?)*)", re.M)
DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
WANTED_BY = re.compile(r"^ +#(?: via)? +(?:-r )?([\w.-]+)$", re.M)


class Locked(NamedTuple):
    """One package as it is locked; `marker` says where it is installed, "" is everywhere."""

    name: str
    version: str
    marker: str
    digests: list[str]
    wanted_by: list[str]


def main(requirements: Path) -> str:
    text = requirements.read_text()
    every = [_locked(found) for found in PACKAGE.finditer(text)]
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, text))
    bom.metadata.component = root = _root()
    components = {one.name: _component(one) for one in every}
    bom.components = components.values()
    for name, component in components.items():
        needs = [components[one.name] for one in every if name in one.wanted_by]
        bom.register_dependency(component, needs)
    directly = [components[one.name] for one in every if "requirements.in" in one.wanted_by]
    bom.register_dependency(root, directly)
    return JsonV1Dot6(bom).output_as_string(indent=2)


def _locked(found: re.Match[str]) -> Locked:
    name, version, marker, rest = found.groups()
    return Locked(name, version, marker or "", DIGEST.findall(rest), WANTED_BY.findall(rest))


def _root() -> Component:
    project = tomllib.loads(PROJECT.read_text())["project"]
    kind = ComponentType.APPLICATION
    return Component(name=project["name"], version=project["version"], type=kind, bom_ref="reelay")


def _component(one: Locked) -> Component:
    purl = PackageURL("pypi", name=one.name, version=one.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{one.name}/{one.version}/#files"),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in one.digests],
        comment=one.marker or None,
    )
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        scope=ComponentScope.OPTIONAL if one.marker else ComponentScope.REQUIRED,
        external_references=[files],
    )


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
