"""The project of whoever reads the docs."""
