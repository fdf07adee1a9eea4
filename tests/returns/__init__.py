"""Returns: reasons, life, deadlines, intake, notices, CSV."""
