"""The API's routes as functions that build calls. A new one is a function here and a line in each client."""
