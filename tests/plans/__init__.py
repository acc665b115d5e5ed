"""By which index the database reads for every request, sweep and page of the admin."""
