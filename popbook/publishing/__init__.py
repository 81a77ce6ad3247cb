"""Floor 6, publishing: running notebooks, building the book and assembling the site."""
