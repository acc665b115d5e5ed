"""``python -m tests.benchmarks.hashing SECONDS``: how many passwords one process compares, and nothing else."""

import sys
import time

from customer_registration.hashers import OWASPArgon2PasswordHasher

if __name__ == "__main__":
    hasher = OWASPArgon2PasswordHasher()
    encoded = hasher.encode("correct horse battery", hasher.salt())
    began, compared = time.perf_counter(), 0
    while time.perf_counter() - began < float(sys.argv[1]):
        assert hasher.verify("correct horse battery", encoded)
        compared += 1
    sys.stdout.write(f"{compared / (time.perf_counter() - began)}\n")
