"""Mail that comes in: reading and classification."""
