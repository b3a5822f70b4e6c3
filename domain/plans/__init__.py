"""Plans (事業計画): programmes, yearly plans, their items and targets, and how far along they are."""
