"""Publish predictions, and show them."""
