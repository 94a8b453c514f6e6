"""What the house costs in time, bytes and memory; each module is run with ``python -m benchmarks.…``."""
