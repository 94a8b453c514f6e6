"""妇女信访: every item has an outcome, every matter an answer (processes.md §2)."""
