"""The room of sources: addresses, the client, the readers, the rules of polling."""
