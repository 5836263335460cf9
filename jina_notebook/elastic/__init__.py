"""Elasticsearch: connection, local server, mapping, bulk indexing, search, fusion. Knows no model class."""
