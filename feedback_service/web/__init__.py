"""The web: customers' pages, staff pages, managers' pages and the API."""
