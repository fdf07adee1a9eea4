"""Review pages: what schema.org markup says of reviews, in every syntax, to items."""
