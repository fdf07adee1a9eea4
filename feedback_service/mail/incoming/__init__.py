"""Mail that comes in: read, and told apart (bounce, complaint, automatic reply, human reply). Pure."""
