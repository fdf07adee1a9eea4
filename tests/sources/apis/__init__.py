"""Official review APIs, against servers that behave as their documentation says."""
