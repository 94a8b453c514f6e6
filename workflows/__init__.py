"""What the federation does: its organisation, its policy, its kinds of process. Knows the engine; knows no page."""
