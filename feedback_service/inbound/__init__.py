"""Inbound mail: what comes back is matched to the mail it is about, and has its consequences once."""
