"""Accuracy, speed and scale, one command each."""
