"""WebSub: feeds that are pushed instead of asked for (R47, R56)."""
