"""Places over HTTP: municipalities, centres, offices and the people who work there."""
