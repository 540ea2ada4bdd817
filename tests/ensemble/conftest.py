import pytest

from .films import SMALL, Films, some_films


@pytest.fixture(scope="session")
def films() -> Films:
    return some_films(600)


@pytest.fixture(scope="session")
def pretrained(films):
    """One small pre-trained model per name; tests must leave them as they are."""
    from pel.ensemble.registry import make

    return {name: make(name, options=options).pretrain(films.Z, films.rating) for name, options in SMALL.items()}
