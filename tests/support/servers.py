"""A Jupyter server for a test: started, waited for, ended."""

import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager


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
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.25)
        else:
            raise TimeoutError(f"The server does not answer; it said: {log.read_text()}")
        yield address
    finally:
        server.terminate()
        try:
            server.wait(60)
        finally:  # whatever keeps it, it does not outlive the test
            server.kill()
            server.wait()
