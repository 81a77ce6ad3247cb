"""Floor 4, monitoring: target status, early warnings and commitments."""
