"""What is due, to whom it goes, and how it gets there."""
