"""Floor 1, the ledger: schemas, reading, vintages, breaks, corrections and the concept guard."""
