"""Earshot: a listening platform for the NHS."""
