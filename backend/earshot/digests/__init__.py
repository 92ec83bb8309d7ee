"""Digests: what one person is told in one mail, and when."""
