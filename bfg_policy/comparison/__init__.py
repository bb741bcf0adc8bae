"""Two judgements -> what the change between them does: moves with their causes, and weaknesses."""
