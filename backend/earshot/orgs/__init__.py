"""The tree of organisations: nation, region, ICB, provider, site, service, team."""
