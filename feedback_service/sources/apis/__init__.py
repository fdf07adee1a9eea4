"""Official review APIs, read with the shop's own accounts (R19)."""
