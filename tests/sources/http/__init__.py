"""The client: addresses, robots.txt, answers, servers that mean harm."""
