"""Stories and alerts: one complaint, one owner, the right person told."""
