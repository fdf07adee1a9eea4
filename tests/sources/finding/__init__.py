"""What is found at an address."""
