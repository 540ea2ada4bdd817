"""Links of the pages that lead out of docs/: on the site, such a file is named by its path in the project."""

import posixpath
import re
from typing import Any

from mkdocs.structure.pages import Page

RELATIVE = re.compile(r"\[([^\]]*)\]\((\.\./[^)#]*)(?:#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Called by MkDocs for every page."""
    folder = posixpath.join("docs", posixpath.dirname(page.file.src_uri))

    def name(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, link[2]))
        if path.startswith("docs/"):
            return link[0]
        return f"`{path}`" if link[1] in path else f"{link[1]} (`{path}`)"

    return RELATIVE.sub(name, markdown)
