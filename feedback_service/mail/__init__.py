"""Mail: every message is a row in the transaction of its cause; a worker delivers it once."""
