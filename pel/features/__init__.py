"""Films as matrices: X_t and D_t."""
