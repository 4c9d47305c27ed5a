"""Put on PYTHONPATH by a journey: the run's Python processes reach loopback only, and say when they tried more."""

import os
import pathlib
import socket

_connect = socket.socket.connect
_lookup = socket.getaddrinfo
LOOPBACK = {"127.0.0.1", "::1", "localhost", None, ""}


def _refuse(host: object) -> None:
    report = os.environ.get("NETGUARD_REPORT")
    if report:
        with pathlib.Path(report).open("a", encoding="utf-8") as file:
            file.write(f"{host}\n")
    raise OSError(f"netguard: {host} is not loopback")


def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
        _refuse(address[0])
    return _connect(self, address)


def getaddrinfo(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in LOOPBACK:
        _refuse(name)
    return _lookup(host, *args, **kwargs)


socket.socket.connect = connect
socket.getaddrinfo = getaddrinfo
