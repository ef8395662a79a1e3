"""Copies of the database: made, put back, moved elsewhere."""
