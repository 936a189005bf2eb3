"""The one request of Kafka's protocol that is made by hand: metadata, to learn whether a broker is ready.

A client library would retry, log and keep threads for it.
"""
import socket
import struct

METADATA, VERSION = 3, 1


def _receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise OSError("connection closed by the broker")
        data += part
    return data


def broker_ids(host, port, timeout_s=5):
    """The ids of the brokers that this broker knows. OSError if it does not answer."""
    client = b"sabot-test"
    body = struct.pack(">hhih", METADATA, VERSION, 1, len(client)) + client + struct.pack(">i", 0)  # no topic
    with socket.create_connection((host, port), timeout=timeout_s) as connection:
        connection.settimeout(timeout_s)
        connection.sendall(struct.pack(">i", len(body)) + body)
        size = struct.unpack(">i", _receive(connection, 4))[0]
        answer = _receive(connection, size)
    at, ids = 8, []
    for _ in range(struct.unpack_from(">i", answer, 4)[0]):
        node, length = struct.unpack_from(">ih", answer, at)
        at += 6 + length + 4  # id, host, port
        rack = struct.unpack_from(">h", answer, at)[0]
        at += 2 + max(rack, 0)
        ids.append(node)
    return ids
