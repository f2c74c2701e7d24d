"""The programs: command line, server, demo, Studio. `wiring` builds everything by hand, top to bottom."""
