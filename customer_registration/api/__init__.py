"""The HTTP doors: validate, call one flow, shape the answer."""
