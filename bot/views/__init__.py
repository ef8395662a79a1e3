"""Pure functions from facts to what people read. All wording lives here."""
