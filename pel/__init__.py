"""P-EL: box-office forecasts by pre-training and fine-tuning an ensemble."""

__version__ = "0.1.0"
