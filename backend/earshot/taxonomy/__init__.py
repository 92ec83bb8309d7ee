"""Theme frameworks as versioned data."""
