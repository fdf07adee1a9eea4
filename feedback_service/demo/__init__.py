"""The fictional shop and its stage."""
