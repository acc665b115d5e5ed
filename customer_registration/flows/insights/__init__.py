"""How many messages went out, arrived and were answered: counted by day, without a word of whom they went to."""
