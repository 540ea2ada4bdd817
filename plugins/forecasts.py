"""The page Forecasts, in the menu of the UI: what films will make, how sure that is and why."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class ForecastsPage:
    """The page's application, loaded with its first request: every process of Airflow loads its plugins."""

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Answer a request (ASGI)."""
        from pel.page.app import app

        await app(scope, receive, send)


class ForecastsPlugin(AirflowPlugin):
    """Puts the page into the menu."""

    name = "forecasts"
    fastapi_apps = [{"name": "forecasts", "app": ForecastsPage(), "url_prefix": "/forecasts"}]  # noqa: RUF012
    # relative to the UI's address, which may have a path
    external_views = [  # noqa: RUF012
        {
            "name": "Forecasts",
            "href": "forecasts/",
            "url_route": "forecasts",
            "destination": "nav",
            "icon": "forecasts/static/icon.svg",
            "nav_top_level": True,
        }
    ]
