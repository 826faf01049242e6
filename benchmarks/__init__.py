"""The figures of the README, each beside its floor in the same run: `uv run python -m benchmarks`."""
