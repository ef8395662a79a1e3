"""What goes wrong in the field, done on purpose: real processes, a real PostgreSQL, real kills."""
