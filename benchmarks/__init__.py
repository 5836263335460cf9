"""Benchmarks: variants interleaved in one process, medians, ratios with their spread, drift beside every speed."""
