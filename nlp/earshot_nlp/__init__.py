"""The language library of Earshot: pure functions from text to an analysis."""
