"""Results to text, Markdown, HTML and vendor JSON: pure functions over plain values that know no result type."""
