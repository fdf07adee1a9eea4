"""The one HTTP client: what may be asked, how it is asked, what an answer means."""
