"""Shops (brands), the terms they watch, and the staff who work for them."""
