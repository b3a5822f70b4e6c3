"""Places (場所): municipalities, centres, offices and the people who work there."""
