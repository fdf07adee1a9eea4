"""Post-return surveys, review monitoring and early alerts for online shops."""

__version__ = "0.1.0"
