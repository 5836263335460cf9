"""A real Elasticsearch on this machine: fetched, started and stopped by name, loopback only."""
