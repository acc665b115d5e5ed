"""What only some shops need: nothing here is loaded unless it is named in settings or run."""
