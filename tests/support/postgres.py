"""A throw-away PostgreSQL server for tests: in a folder of its own, on a loopback port, gone afterwards."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from servers import free_port
from sqlalchemy import create_engine, text

# Seconds: far more than a server takes to start on a busy machine.
PATIENCE = 120
HOW = (
    "PostgreSQL's server is not there: install Debian's package postgresql, as `make test` does where it can."
)


def program(name):
    """One of PostgreSQL's programs, which Debian keeps out of the way."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(beside[-1]) if beside else None)
    assert found, HOW
    return found


class Server:
    """A server; it refuses root, so root starts it as the user of Debian's package.

    Args:
        place: an empty folder, which everybody may enter.
    """

    def __init__(self, place):
        self.data, self.log, self.port = place / "data", place / "log", free_port()
        self.socket = place / f".s.PGSQL.{self.port}"
        self._as = []
        if os.geteuid() == 0:
            place.chmod(0o777)
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            for parent in place.parents[:-1]:
                parent.chmod(parent.stat().st_mode | 0o111)
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "me",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        self._process = None
        self._databases = 0

    def _run(self, name, *arguments):
        done = subprocess.run(
            [*self._as, program(name), *arguments], cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def start(self):
        command = [program("postgres"), "-D", str(self.data), "-p", str(self.port), "-F"]
        command += ["-k", str(self.socket.parent), "-h", "127.0.0.1"]
        with self.log.open("a") as said:
            self._process = subprocess.Popen([*self._as, *command], cwd="/", stdout=said, stderr=said)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask("select 1")
            except Exception:
                assert self._process.poll() is None, self.log.read_text()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self):
        """As a machine that loses its current: nobody is told, what was committed is there."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE)

    def ask(self, said, database="postgres", **given):
        """The rows that a statement gives, in one of the databases."""
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                done = connection.execute(text(said), given)
                return list(done) if done.returns_rows else []
        finally:
            engine.dispose()

    def database(self):
        """The address of a new, empty database."""
        self._databases += 1
        # Since PostgreSQL 15 in an order that is not Python's: with B_1 after Ämil, and before zoe.
        (version,) = self.ask("show server_version_num")
        order = "template template0 locale_provider icu icu_locale 'de'" if int(version[0]) >= 150000 else ""
        self.ask(f"create database g{self._databases} {order}")
        return self.url(f"g{self._databases}")

    def url(self, database):
        return f"postgresql+psycopg2://me@127.0.0.1:{self.port}/{database}"
