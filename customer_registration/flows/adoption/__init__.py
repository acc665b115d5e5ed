"""Take in customers who are there already: users of the project's own, or those of another shop system."""
