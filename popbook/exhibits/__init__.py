"""Floor 5, exhibits: figures, tables and facts, and the chapters that are written with them."""
