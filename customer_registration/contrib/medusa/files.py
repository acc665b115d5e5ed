"""Read Medusa's tables in CSV files, as ``\\copy customer to 'customer.csv' csv header`` of psql writes them."""

import csv
from collections.abc import Iterator
from pathlib import Path

from customer_registration.contrib.medusa.tables import TABLES, Row, SourceError, Table

MAX_FIELD = 16 * 1024 * 1024  # characters; Python's own limit is less than some metadata


class Files:
    """The tables of a folder, a file each.

    Raises:
        SourceError: the folder is none, or lacks a file.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SourceError(f"There is no folder {folder}.")
        self._paths = {table: folder / f"{table.name}.csv" for table in TABLES}
        for table, path in self._paths.items():
            if not table.without and not path.is_file():
                raise SourceError(f"There is no file {path.name} in {folder}.")

    def missing(self) -> list[str]:
        """Return a sentence on each file that some shops lack, and this folder does."""
        lacking = [(path.name, table.without) for table, path in self._paths.items() if not path.is_file()]
        return [f"The file {name} is not there: {without}." for name, without in lacking]

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of a file, one at a time; an empty value is NULL."""
        path = self._paths[table]
        if not path.is_file():
            return
        line = 1
        limit = csv.field_size_limit(MAX_FIELD)
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                header = next(reader, [])
                places = [_place(name, header, table, path) for name in table.columns]
                for values in reader:
                    line = reader.line_num
                    if len(values) != len(header):
                        raise SourceError(
                            f"{path.name}, line {line}: {len(values)} values where the header has {len(header)}."
                        )
                    yield tuple(None if place is None else values[place] or None for place in places)
        except UnicodeDecodeError:
            raise SourceError(f"{path.name}, after line {line}: it is not UTF-8.") from None
        except csv.Error as error:
            raise SourceError(f"{path.name}, after line {line}: it is no CSV ({error}).") from None
        except OSError as error:
            raise SourceError(f"{path.name} cannot be read: {error.strerror}.") from None
        finally:
            csv.field_size_limit(limit)


def _place(name: str, header: list[str], table: Table, path: Path) -> int | None:
    if name in header:
        return header.index(name)
    if name in table.needed:
        raise SourceError(f"{path.name}: the first line names no column {name}; was it written with a header?")
    return None
