"""Looking after the house: what waits, what is held, what can be tried again."""
