"""The petition's house."""

from tests.workflows.processes.petition.conftest import either_house, house

__all__ = ["either_house", "house"]
