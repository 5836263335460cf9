"""A local HTTP server for loaded models, in the wire formats of Jina, OpenAI and Cohere."""
