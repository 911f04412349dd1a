"""A browser of sorts: keeps the cookie, sends the CSRF value, calls the application in-process."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

PASSWORD = "correct-horse-battery"


class Browser:
    def __init__(self, app: FastAPI, base: str = "http://127.0.0.1:8600") -> None:
        self.app = app
        self.base = base
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def call(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = dict(given.pop("headers", {}))
        if self.csrf and "X-CSRF-Token" not in headers:
            headers["X-CSRF-Token"] = self.csrf
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                return await client.request(method, path, headers=headers, **given)

        response = asyncio.run(send())
        for name, value in response.cookies.items():
            self.cookies[name] = value
        return response

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.call("GET", path, params=query)

    def post(self, path: str, body: Any = None, **given: Any) -> httpx.Response:
        return self.call("POST", path, json={} if body is None else body, **given)

    def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        response = self.post("/api/session", {"name": name, "password": password})
        if response.status_code == 200:
            self.csrf = response.json()["csrf"]
        return response


def code(response: httpx.Response) -> str:
    """The code of a problem report, whose form is checked on the way."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert {"type", "title", "status", "detail", "code", "where", "next", "id"} <= set(problem)
    assert problem["status"] == response.status_code
    return str(problem["code"])
