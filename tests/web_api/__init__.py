"""The HTTP API: orders, returns and events, and everything bad that may come instead."""
