"""What tests share: a PostgreSQL to test with, and builders of rows."""
