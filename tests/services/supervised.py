"""
A program that supervises the processes of its arguments until it is told to stop.

    supervised.py VAR GRACE NAME=COMMAND ...
"""

import sys
from pathlib import Path

from config.services.supervisor import Process, Supervisor

var, grace = Path(sys.argv[1]), float(sys.argv[2])
commands = dict(pair.split("=", 1) for pair in sys.argv[3:])
supervisor = Supervisor(var)
try:
    supervisor.start(
        Process(name, ["sh", "-c", command], grace=grace) for name, command in commands.items()
    )
    supervisor.wait_ready(10)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    number = supervisor.run_until_signal()
finally:
    supervisor.stop()
sys.stdout.write(f"stopped by {number}\n")
