"""What documents of every kind share: HTML to text, labels that lie, dates as people write them."""
