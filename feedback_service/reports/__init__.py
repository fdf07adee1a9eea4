"""Figures: queries and pure statistics, with n and intervals."""
