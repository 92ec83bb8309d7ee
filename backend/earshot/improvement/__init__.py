"""Improvement: agreed changes, whether they helped, and what worked elsewhere."""
