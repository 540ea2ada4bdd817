"""The use cases: pre-train, fine-tune, evaluate, promote."""
