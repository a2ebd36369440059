"""What a lake needs from elsewhere: keys of S3, passwords of PostgreSQL, extensions of DuckDB."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from commands import answer, refusal, run
from conftest import MakeLake
from every_view import rows
from lakes import mostly
from object_store import BUCKET, Store, started
from postgres import PASSWORD, USER, new_database

from loader.address import AddressError, Lake, read_address, with_data
from loader.lakes import as_file
from loader.load import Settings, load
from loader.maintain import maintain
from loader.store.extensions import load_extension
from loader.store.lake import reading_lake
from loader.verify import verify


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    """Start a server of S3."""
    with started() as store:
        yield store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a new home, where there are no extensions and secrets of DuckDB yet."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return home


def keep_secret(store: Store, secret: str) -> None:
    """Keep a secret of DuckDB's, as its users do."""
    with closing(duckdb.connect()) as connection:
        load_extension(connection, "httpfs")
        connection.execute(
            f"create or replace persistent secret (type s3, key_id '{store.key_id}', secret '{secret}',"
            f" endpoint '127.0.0.1:{store.port}', url_style 'path', use_ssl false)"
        )


def written(directory: Path, apart: Path | None = None) -> list[bytes]:
    """Return the contents of all files of a directory, but those in another."""
    return [
        path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and not (apart and path.is_relative_to(apart))
    ]


@pytest.mark.lake
@mostly("postgres")
def test_data_in_s3_are_reached_with_the_secrets_that_duckdb_keeps(
    make_lake: MakeLake, two_runs: Path, warehouse: Path, home: Path, store: Store, tmp_path: Path
) -> None:
    keep_secret(store, store.secret)
    place = f"s3://{BUCKET}/{tmp_path.name}"
    address = read_address(make_lake())
    load(with_data(address, place), [two_runs / "run0"], Settings())
    for known in (address, warehouse):
        load(known, [two_runs], Settings())
    assert isinstance(address, Lake)
    maintain(address, keep_days=1, wait_s=0)
    assert rows(as_file(address, 0)) == rows(warehouse)
    assert verify(address, 0) == verify(warehouse, 0)
    with reading_lake(address, 0) as connection:
        [(n_files,)] = connection.execute(f"select count(*) from read_blob('{place}/**')").fetchall()
        assert n_files > 0
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"from read_blob('s3://{BUCKET}/other/**')")
    # A key that no server takes.
    keep_secret(store, "not-the-secret")
    said = refusal("loader", "verify", "-w", address, cwd=tmp_path)
    assert "HTTP 403" in said
    assert len(said.splitlines()) == 1
    kept = written(tmp_path, apart=home / ".duckdb" / "stored_secrets")
    for word in (store.key_id, store.secret, "not-the-secret"):
        assert word not in said
        assert not any(word.encode() in content for content in kept)


@pytest.mark.lake
def test_data_in_s3_are_reached_with_the_keys_of_the_environment(
    two_runs: Path, home: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Amazon's own address, which the proxy that is asked has another idea of.
    for name, value in {
        "AWS_ACCESS_KEY_ID": store.key_id,
        "AWS_SECRET_ACCESS_KEY": store.secret,
        "AWS_REGION": "us-east-1",
        "DUCKDB_S3_USE_SSL": "false",
        "HTTP_PROXY": f"http://127.0.0.1:{store.port}",
    }.items():
        monkeypatch.setenv(name, value)
    at = ("-w", f"ducklake:{tmp_path}/lake.ducklake")
    loading = ("loader", "load", two_runs / "run0", *at, "--data-path", f"s3://{BUCKET}/{tmp_path.name}")
    assert run(*loading, cwd=tmp_path).exit_code == 0
    assert answer("loader", "verify", *at, cwd=tmp_path).startswith("as written: 5 files")
    for word in (store.key_id, store.secret):
        assert not any(word.encode() in content for content in written(tmp_path))


def test_data_are_in_a_directory_or_a_store_that_can_be_written_to() -> None:
    with pytest.raises(
        AddressError, match=r"found https:// in --data-path, wanted a directory or one of s3://"
    ):
        with_data(Lake("/a"), "https://example.org/data")


@pytest.mark.lake
@pytest.mark.parametrize("way", ["a file that is named", "a file at home", "a service file"])
def test_passwords_come_from_the_files_of_postgresql(
    way: str, server: int, two_runs: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    address = new_database(server)
    database = address.rpartition("=")[2]
    monkeypatch.delenv("PGPASSWORD")
    if way == "a service file":
        kept, address = tmp_path / "services", "service=delphi"
        kept.write_text(
            f"[delphi]\nhost=127.0.0.1\nport={server}\nuser={USER}\ndbname={database}\npassword={PASSWORD}\n"
        )
        monkeypatch.setenv("PGSERVICEFILE", str(kept))
    else:
        kept = home / ".pgpass" if way == "a file at home" else tmp_path / "passwords"
        kept.write_text(f"127.0.0.1:{server}:{database}:{USER}:{PASSWORD}\n")
        if way == "a file that is named":
            monkeypatch.setenv("PGPASSFILE", str(kept))
    kept.chmod(0o600)
    at = ("-w", f"ducklake:postgres:{address}")
    done = run("loader", "load", two_runs / "run0", *at, "--data-path", "data", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    said = done.output + answer("loader", "history", *at, cwd=tmp_path)
    kept.write_text(kept.read_text().replace(PASSWORD, "mistaken"))
    said += refusal("loader", "status", *at, cwd=tmp_path)
    assert "password authentication failed" in said
    kept.unlink()
    assert not any(word in said for word in (PASSWORD, "mistaken"))
    assert not any(PASSWORD.encode() in content for content in written(tmp_path))


def test_an_extension_that_is_missing_is_said_in_a_line(
    two_runs: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loader.store.extensions.find_spec", lambda name: None)
    # Where nobody listens.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for address in ("ducklake:lake.ducklake", "ducklake:postgres:dbname=none host=127.0.0.1 port=9"):
        said = refusal("loader", "load", two_runs, "-w", address, "--data-path", "data", cwd=tmp_path)
        assert said.startswith(f"DuckDB {duckdb.__version__} has no extension ")
        assert said.endswith("; pip install 'explainer-warehouse[lake]' brings it, with DuckDB 1.5.5")
        assert len(said.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"home", "results"}


@pytest.mark.lake
def test_an_extension_that_no_package_has_is_fetched_once(
    two_runs: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Repository(BaseHTTPRequestHandler):
        """Be DuckDB's repository, through a proxy."""

        def do_GET(self) -> None:
            asked.append(self.path)
            name = self.path.rpartition("/")[2].removesuffix(".gz")
            spec = find_spec(f"duckdb_extension_{name.partition('.')[0]}")
            assert spec
            assert spec.submodule_search_locations
            [package] = spec.submodule_search_locations
            [file] = Path(package).rglob(name)
            content = gzip.compress(file.read_bytes(), 1)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setattr("loader.store.extensions.find_spec", lambda name: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Repository) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_port}")
        done = run("loader", "load", two_runs / "run0", "-w", "ducklake:lake.ducklake", cwd=tmp_path)
        server.shutdown()
    assert done.exit_code == 0, done.stderr
    # Signed by DuckDB, and kept for the next process.
    assert [path.rpartition("/")[2] for path in asked] == ["ducklake.duckdb_extension.gz"]
    assert answer("loader", "verify", "-w", "ducklake:lake.ducklake", cwd=tmp_path).startswith(
        "as written: 5 "
    )
