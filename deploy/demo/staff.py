"""A person of a hospital at the node's public HTTP API: signed in once, speaking JSON."""

from __future__ import annotations

from typing import Any

import httpx

from deploy.demo.processes import StepFailed

_TIMEOUT = httpx.Timeout(60.0)


class Person:
    """One signed-in member of staff. Not shared between threads."""

    def __init__(self, address: str, code: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=_TIMEOUT, trust_env=False)
        signed_in = self._checked(self._client.post("/api/session", json={"code": code}))
        self._client.headers["X-Intramuros-CSRF"] = signed_in["csrf"]

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON of a resource."""
        return self._checked(self._client.get(path, params=query))

    def post(self, path: str, body: object = None) -> Any:
        """The JSON answer to a request; None when there is no content."""
        return self._checked(self._client.post(path, json=body))

    def put(self, path: str, body: object) -> Any:
        """The JSON answer to a replacement."""
        return self._checked(self._client.put(path, json=body))

    def frame(self, path: str) -> httpx.Response:
        """One frame's stored pixels, with its shape in the headers."""
        response = self._client.get(path)
        if response.status_code != 200:
            raise StepFailed(f"GET of a frame was answered {response.status_code}", process="node web")
        return response

    def close(self) -> None:
        """The connection is closed."""
        self._client.close()

    def _checked(self, response: httpx.Response) -> Any:
        if response.status_code >= 400:
            route = f"{response.request.method} {response.request.url.path}"
            raise StepFailed(f"{route} was answered {response.status_code}: {_title(response)}", process="node web")
        return None if response.status_code == 204 else response.json()


def _title(response: httpx.Response) -> str:
    try:
        return str(response.json().get("title", ""))
    except ValueError:
        return ""
