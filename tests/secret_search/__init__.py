"""Search whatever the suite puts out for the secrets that it used (rule 7, attacks C11 and C12).

`watch` notes secrets as they come into being and outputs as they leave, for every test; `outputs` says which parts may
carry what, by the list in `allowed`; `findings` compares. Every test of the suite ends with that search, by the fixture
in `fixture`. ``TEST_SECRET_SEARCH=0`` leaves it out, to see what it costs.
"""
