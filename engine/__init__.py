"""The engine: runs any process. Knows no Flask, no federation and no mail."""

__version__ = "0.1.0"
