"""Rules on what movers keep (原有权益): registration, land, subsidies, equal treatment."""
