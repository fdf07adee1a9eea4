"""What can be read at an address that somebody pasted."""
