"""HTML to text, and pages that are nested without end."""
