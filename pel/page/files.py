"""What the page is made of: templates, and the files that a browser loads."""

from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
PLOTLY = f"plotly-{version('plotly')}.min.js"


@dataclass(frozen=True)
class File:
    """A file that a browser loads, and how long it may keep it."""

    path: Path
    cache_control: str = "no-cache"


def _plotly() -> Path:
    """Plotly's script, which its package carries along; the package itself, which is slow to load, is not."""
    spec = find_spec("plotly")
    if not spec or not spec.origin:
        raise ModuleNotFoundError("The package plotly is not installed; `make run` installs it.")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


FILES = {path.name: File(path) for path in sorted((HERE / "static").iterdir())} | {
    # its name changes with its version
    PLOTLY: File(_plotly(), "private, max-age=31536000, immutable"),
}
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_templates.globals["plotly"] = PLOTLY


def render(template: str, **values: Any) -> str:
    """The template as HTML; values are escaped."""
    return _templates.get_template(template).render(**values)
