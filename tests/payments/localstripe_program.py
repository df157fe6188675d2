"""Runs localstripe as a program of its own, on loopback alone: ``python localstripe_program.py PORT``.

localstripe's own command listens on every interface and keeps its books in a file of a fixed name, so that two of them
would share it.
"""

import sys

from aiohttp import web
from localstripe import resources
from localstripe.server import app

if __name__ == "__main__":
    resources.Store.dump_to_disk = lambda store: None
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
