"""The shop that the pages talk to: the example project, with a stage door that empties it and moves its clock."""
