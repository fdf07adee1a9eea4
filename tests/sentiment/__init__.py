"""The room `sentiment`."""
