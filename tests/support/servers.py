"""A Jupyter server for a test: started, waited for, ended."""

import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

# Seconds: far more than a server takes to start on a busy machine.
PATIENCE = 300


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def answering(command, port, log, **options):
    """The address of a Jupyter server that a command starts on a port, once it answers, until the block ends.

    Args:
        log: the file that what it says goes to.
        options: of the process.
    """
    with log.open("w") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, **options)
    address = f"http://127.0.0.1:{port}"
    try:
        patient_until = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                if time.monotonic() > patient_until:
                    raise TimeoutError(f"The server does not answer; it said: {log.read_text()}") from None
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(60)
        finally:  # whatever keeps it, it does not outlive the test
            server.kill()
            server.wait()
