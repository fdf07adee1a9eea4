"""The room of mentions: terms, identity, the order behind a text."""
