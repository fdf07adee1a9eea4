"""Orders and returns: what came in, the life of a return, and why items come back."""
