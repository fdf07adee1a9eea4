"""Adapters that turn a platform's export or webhook into orders and returns."""
