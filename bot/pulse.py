"""`python -m bot.pulse`: exit 0 if the bot at LISTEN answers, 1 if not.

For whatever starts containers: every half a minute, so it imports next to nothing.
"""

import os
import socket
import sys

WAIT = 4
"""Seconds; less than whoever asks waits for us."""
QUESTION = b"GET /healthz HTTP/1.0\r\n\r\n"


def beats(listen: str) -> bool:
    host, _, port = listen.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), WAIT) as connection:
            connection.sendall(QUESTION)
            return connection.recv(1024).split(b" ", 2)[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if beats(os.environ["LISTEN"]) else 1)
