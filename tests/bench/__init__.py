"""Benchmarks: each is a module to run (`python -m tests.bench.bench_scan`) that prints its figures."""
