"""Drives the demo's whole journey over HTTP, as a citizen with a browser without JavaScript would."""
