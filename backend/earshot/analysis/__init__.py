"""From what was sent to what it means: de-identify, analyse, discover themes."""
