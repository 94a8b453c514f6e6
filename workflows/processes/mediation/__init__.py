"""Mediation (调解, processes.md §6): a case of its own, linked to the petition it was opened from."""
