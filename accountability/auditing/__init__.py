"""审计: what acts are heard of, how their events are bound together and kept from change."""
