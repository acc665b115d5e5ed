"""MedusaScryptPasswordHasher knows the passwords that the real scrypt-kdf has hashed, and nothing else."""

import base64
import hashlib
import threading
import time

import pytest
from django.contrib.auth.hashers import check_password, get_hashers_by_algorithm, identify_hasher, make_password

from customer_registration import hashers as turns
from customer_registration.contrib.medusa.hashers import MedusaScryptPasswordHasher
from customer_registration.contrib.medusa.records import RefusedRecord, ScryptRecord
from tests.medusa.conftest import ARGON2, RECORD, SCRYPT, VECTORS

HASHER = MedusaScryptPasswordHasher()
BYTES = base64.b64decode(RECORD)
ENCODED = HASHER.encoding_of(RECORD)


def sealed(header):
    """Return a record with a right checksum over 48 bytes that are not."""
    return base64.b64encode(header + hashlib.sha256(header).digest()[:16] + bytes(32)).decode()


def header(log_n=15, r=8, p=1, version=0, magic=b"scrypt"):
    return magic + bytes([version, log_n]) + r.to_bytes(4, "big") + p.to_bytes(4, "big") + bytes(32)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["password"])[:30])
def test_a_record_of_the_real_hasher_is_verified(vector):
    encoded = HASHER.encoding_of(vector["record"])
    assert HASHER.verify(vector["password"], encoded)
    assert not HASHER.verify(vector["password"] + " ", encoded)
    assert not HASHER.verify(vector["password"].strip().lower() + "!", encoded)


def test_the_vectors_are_of_the_strength_that_medusa_uses_and_of_others():
    strengths = [tuple(vector["params"].values()) for vector in VECTORS]
    assert strengths.count((15, 8, 1)) == 7
    assert {(10, 8, 1), (12, 16, 1), (12, 8, 3), (17, 8, 1)} < set(strengths)


def test_spaces_and_forms_of_unicode_are_the_passwords_own():
    by_password = {vector["password"]: HASHER.encoding_of(vector["record"]) for vector in VECTORS}
    assert not HASHER.verify("leading and trailing", by_password["  leading and trailing  "])
    assert not HASHER.verify("p\u00e4ssw\u00f6rd", by_password["pa\u0308sswo\u0308rd"])


def test_what_is_stored_fits_into_the_column_of_django():
    strongest = HASHER.encoding_of(sealed(header(18, 8, 2)))
    assert len(ENCODED) <= len(strongest) <= 128
    assert ENCODED.startswith("medusa_scrypt$15$8$1$")
    assert identify_hasher(ENCODED).algorithm == "medusa_scrypt"


def test_it_makes_hashes_of_its_own():
    encoded = make_password("a password", hasher="medusa_scrypt")
    assert check_password("a password", encoded)
    assert not check_password("another", encoded)
    assert make_password("a password", hasher="medusa_scrypt") != encoded


def test_a_given_salt_is_kept_or_stretched():
    salt = HASHER.salt()
    encoded = HASHER.encode("a password", salt)
    assert HASHER.decode(encoded)["salt"] == salt
    assert HASHER.encode("a password", salt) == encoded
    short = HASHER.encode("a password", "seasalt")
    assert short == HASHER.encode("a password", "seasalt")
    assert HASHER.verify("a password", short)


@pytest.mark.parametrize("salt", ["", "with$dollar"])
def test_a_salt_that_would_break_the_hash_is_refused(salt):
    with pytest.raises(ValueError, match="salt"):
        HASHER.encode("a password", salt)


def test_the_first_hasher_takes_over_at_the_next_check():
    saved = []
    assert check_password(VECTORS[0]["password"], ENCODED, setter=saved.append)
    assert saved == [VECTORS[0]["password"]]
    assert not check_password("wrong", ENCODED, setter=saved.append)
    assert len(saved) == 1


def test_as_first_hasher_it_renews_hashes_of_other_strengths(settings):
    settings.PASSWORD_HASHERS = [SCRYPT, ARGON2]
    strengths = {tuple(v["params"].values()): HASHER.encoding_of(v["record"]) for v in VECTORS}
    assert not HASHER.must_update(strengths[15, 8, 1])
    assert HASHER.must_update(strengths[10, 8, 1])
    assert HASHER.must_update(strengths[12, 16, 1])
    assert HASHER.harden_runtime("a password", strengths[10, 8, 1]) is None


def test_the_admin_shows_a_summary_without_the_hash():
    summary = {str(name): value for name, value in HASHER.safe_summary(ENCODED).items()}
    parts = HASHER.decode(ENCODED)
    assert summary["algorithm"] == "medusa_scrypt"
    assert (summary["work factor"], summary["block size"], summary["parallelism"]) == (32768, 8, 1)
    assert parts["hash"] not in str(summary)
    assert parts["salt"] not in str(summary)


REFUSED = {
    "empty": "",
    "no base64": "!" * 128,
    "another alphabet": RECORD.replace("+", "-").replace("/", "_") + "-",
    "cut": base64.b64encode(BYTES[:95]).decode(),
    "longer": base64.b64encode(BYTES + b"x").decode(),
    "another magic": sealed(header(magic=b"scrypT")),
    "another version": sealed(header(version=1)),
    "a wrong checksum": base64.b64encode(BYTES[:20] + bytes([BYTES[20] ^ 1]) + BYTES[21:]).decode(),
    "logN 0": sealed(header(log_n=0)),
    "logN 63": sealed(header(log_n=63)),
    "logN 255": sealed(header(log_n=255)),
    "r 0": sealed(header(r=0)),
    "p 0": sealed(header(p=0)),
    "r huge": sealed(header(log_n=1, r=2**32 - 1)),
    "p huge": sealed(header(log_n=1, p=2**32 - 1)),
    "512 MiB": sealed(header(log_n=19)),
    "too long": sealed(header(log_n=15, p=17)),
    "N beyond r": sealed(header(log_n=16, r=1)),
}


@pytest.mark.parametrize("record", REFUSED.values(), ids=REFUSED)
def test_what_is_no_record_is_refused_at_once(record):
    began = time.process_time()
    with pytest.raises(RefusedRecord) as refused:
        HASHER.encoding_of(record)
    assert time.process_time() - began < 0.5
    assert not record or record not in str(refused.value)


STORED = {
    "no parts": "medusa_scrypt$",
    "too few": ENCODED.rpartition("$")[0],
    "too many": ENCODED + "$",
    "a word": ENCODED.replace("$15$", "$fifteen$"),
    "a sign": ENCODED.replace("$15$", "$-15$"),
    "digits of another script": ENCODED.replace("$15$", "$\u0661\u0665$"),
    "logN 63": ENCODED.replace("$15$8$", "$63$8$"),
    "a huge number": ENCODED.replace("$15$8$", f"$15${'9' * 5000}$"),
    "no base64": ENCODED[:-3] + "?!*",
    "a short salt": "$".join([*ENCODED.split("$")[:4], "AAAA", ENCODED.split("$")[5]]),
    "another hasher's": "pbkdf2_sha256" + ENCODED.removeprefix("medusa_scrypt"),
}


@pytest.mark.parametrize("stored", STORED.values(), ids=STORED)
def test_no_password_is_that_of_a_malformed_hash(stored):
    assert not HASHER.verify(VECTORS[0]["password"], stored)
    assert not HASHER.must_update(stored)
    assert list(HASHER.safe_summary(stored).values()) == ["medusa_scrypt"]
    with pytest.raises(RefusedRecord):
        HASHER.decode(stored)


def test_it_is_found_by_its_name():
    assert get_hashers_by_algorithm()["medusa_scrypt"].__class__ is MedusaScryptPasswordHasher


WORK = {"verify": lambda: HASHER.verify("x", ENCODED), "encode": lambda: HASHER.encode("x", "salt")}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_it_waits_for_its_turn_as_the_other_hasher_does(monkeypatch, work):
    only_one = threading.BoundedSemaphore(1)
    monkeypatch.setattr(turns._turns, "free", only_one)
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (work(), done.set()))
    with only_one:
        waiting.start()
        assert not done.wait(0.8)
    waiting.join(30)
    assert done.is_set()


def test_a_record_keeps_its_parts():
    record = ScryptRecord.parse(RECORD)
    assert (record.log_n, record.r, record.p) == (15, 8, 1)
    assert (record.salt, record.mac) == (BYTES[16:48], BYTES[64:])
    assert record.as_stored() == RECORD
