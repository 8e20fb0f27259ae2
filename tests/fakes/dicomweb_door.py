"""A person at the DICOMweb of a node in a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fakes.dicomweb import ImageHouse
from fakes.hospital import Hospital
from httpx import Response
from starlette.testclient import TestClient

WEB = "/api/dicomweb"


@dataclass
class Door:
    """A person at the DICOMweb of a house."""

    house: ImageHouse
    hospital: Hospital
    browser: TestClient

    def get(self, path: str, accept: str | None = None, /, **params: Any) -> Response:
        """An answer, whatever it is."""
        headers = {} if accept is None else {"Accept": accept}
        answer: Response = self.browser.get(WEB + path, headers=headers, params=params)
        return answer

    def found(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """The objects of a search or of metadata that must succeed."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/dicom+json"
        objects: list[dict[str, Any]] = answer.json()
        return objects

    def paths(self) -> list[str]:
        """The address of every instance, below DICOMweb."""
        urls = [one["00081190"]["Value"][0] for one in self.found("/instances")]
        return [str(url).partition(WEB)[2] for url in urls]


def values(objects: list[dict[str, Any]], key: str) -> list[Any]:
    """The first value of an attribute in each object."""
    return [one[key]["Value"][0] for one in objects]
