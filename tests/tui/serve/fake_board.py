"""A board that tells its own environment, then answers what it is sent: the process of a test."""

import json
import os
import signal
import sys

LARGE = 70 * 2**20


def packet(kind: bytes, payload: bytes) -> None:
    sys.stdout.buffer.write(kind + len(payload).to_bytes(4, "big") + payload)
    sys.stdout.buffer.flush()


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"s%d:%s" % (len(encoded), encoded)


def chunk(key: str, data: bytes) -> None:
    packet(b"P", b"t%s%s%d:%se" % (text("deliver_chunk"), text(key), len(data), data))


def start_file(key: str, name: str) -> None:
    told = {"path": f"/somewhere/{name}", "open_method": "browser", "mime_type": "text/html"}
    packet(
        b"M",
        json.dumps({"type": "deliver_file_start", "key": key, "encoding": "", **told}).encode(),
    )


def obey(word: str) -> None:
    match word.split(" ", 1):
        case ["file", key]:
            start_file(key, 'a"\r\nb<x>.html')
        case ["url", url]:
            told = {"type": "open_url", "url": url, "new_tab": True}
            packet(b"M", json.dumps(told).encode())
        case ["die", said]:
            sys.stderr.write(said)
            sys.exit(3)
        case ["stubborn", _]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            packet(b"D", b"stubborn")
            while True:
                signal.pause()
        case ["leave", _]:
            packet(b"M", b'{"type": "exit"}')
        case _:
            packet(b"D", word.encode())


def main() -> None:
    left = {"endless": LARGE}
    sys.stdout.buffer.write(b"some words first\n__GANGLION__\n")
    packet(b"D", json.dumps({"pid": os.getpid(), "argv": sys.argv[1:], **os.environ}).encode())
    while head := sys.stdin.buffer.read(5):
        payload = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
        if head[:1] == b"D":
            obey(payload.decode())
            continue
        asked = json.loads(payload)
        if asked["type"] == "quit":
            break
        if asked["type"] == "deliver_chunk_request":
            key = asked["key"]
            size = min(asked["size"], left.setdefault(key, 5))
            left[key] -= size
            chunk(key, b"x" * size)
        else:
            packet(b"D", payload)


main()
