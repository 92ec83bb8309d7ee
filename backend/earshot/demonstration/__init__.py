"""The demonstration: an invented provider, what people said there in eighteen months, and who may read it."""
