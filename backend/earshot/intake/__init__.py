"""Intake: forms, links, what people send and what they import, up to the sealed submission."""
