from tests.training.conftest import trained, trained_once

__all__ = ["trained", "trained_once"]
