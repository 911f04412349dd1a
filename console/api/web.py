"""The built console as static files; addresses of its pages lead to `index.html`."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

ADVICE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>烽燧 Fengsui</title>
<body style="font:16px/1.6 sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1>烽燧 Fengsui</h1>
<p>控制台网页尚未构建。请在源码目录运行 <code>make web</code>，然后刷新本页。</p>
<p>The console's pages are not built yet. Run <code>make web</code> in the source folder,
then reload this page. The API works already: see <code>/api/openapi.json</code>.</p>
</body></html>"""
_FOREVER = "public, max-age=31536000, immutable"  # the build puts a hash into these names

router = APIRouter(include_in_schema=False)


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
def web_file(request: Request, path: str) -> Response:
    """A file of the build; `index.html` for the address of a page."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404)
    folder: Path = request.app.state.parts.web.resolve()
    index = folder / "index.html"
    if not index.is_file():
        return HTMLResponse(ADVICE, 503 if path else 200, {"Cache-Control": "no-store"})
    file = (folder / path).resolve()
    if file.is_relative_to(folder) and file.is_file():
        cache = _FOREVER if path.startswith("assets/") else "no-cache"
        return FileResponse(file, headers={"Cache-Control": cache})
    if path.startswith("assets/"):
        raise HTTPException(404)
    return FileResponse(index, headers={"Cache-Control": "no-cache"})
