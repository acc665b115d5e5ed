"""The product: one file a story, plain functions that take plain values and a `Client`."""
