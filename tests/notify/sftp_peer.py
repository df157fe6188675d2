"""A printer's SFTP server on loopback."""

import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import paramiko

PASSWORD = "printer"


class Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
    """A folder over SFTP."""

    root: Path

    def _path(self, path):
        return self.root / path.lstrip("/")

    def list_folder(self, path):
        try:
            entries = list(self._path(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return [paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in entries]

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path, flags, attr):
        writes = bool(flags & 3)
        handle = paramiko.SFTPHandle(flags)
        try:
            handle.writefile = handle.readfile = self._path(path).open("wb" if writes else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle.stat = lambda: self.stat(path)
        return handle

    def mkdir(self, path, attr):
        self._path(path).mkdir()
        return paramiko.SFTP_OK

    def posix_rename(self, old, new):
        self._path(old).replace(self._path(new))
        return paramiko.SFTP_OK


class Door(paramiko.ServerInterface):  # type: ignore[misc]
    """Lets the printer's customer in."""

    def check_auth_password(self, username, password):
        known = (username, password) == ("gaap", PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class SftpServer(threading.Thread):
    """An SFTP server on loopback with one folder."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.key = paramiko.ECDSAKey.generate()
        self.files = type("FilesHere", (Files,), {"root": root})
        self.transports = []

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            transport.start_server(server=Door())
            self.transports.append(transport)

    def stop(self):
        self.listener.close()
        for transport in self.transports:
            transport.close()
            transport.sock.close()


@contextmanager
def sftp_peer(root):
    """Run a server over the folder ``root`` and yield the options that reach it."""
    server = SftpServer(root)
    server.start()
    yield {
        "host": "127.0.0.1",
        "port": server.port,
        "username": "gaap",
        "password": PASSWORD,
        "host_key": f"{server.key.get_name()} {server.key.get_base64()}",
    }
    server.stop()
