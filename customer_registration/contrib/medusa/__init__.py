"""Move the customers of a Medusa 2 shop in, passwords and ids kept."""
