"""Publishing: what leaves the house, as a public page, a report or a feed, each approved or asked for by a person."""
