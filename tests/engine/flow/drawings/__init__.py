"""All test drawings by name."""

from tests.engine.flow.drawings import activities, clocks, gateways, loan
from tests.engine.flow.drawings.registry import MODELS, Model

__all__ = ["MODELS", "Model", "activities", "clocks", "gateways", "loan"]
