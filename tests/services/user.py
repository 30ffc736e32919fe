"""A process that uses the services of a folder until its standard input ends, or it is killed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from config import services

try:
    attachment = services.attach(Path(sys.argv[1]))
except services.ServicesUnavailable as error:
    sys.exit(str(error))
quiet = subprocess.DEVNULL
child = subprocess.Popen(["sleep", "60"], stdout=quiet, stderr=quiet, close_fds=False)
sys.stdout.write(json.dumps({"uid": os.geteuid(), "child": child.pid}) + "\n")
sys.stdout.flush()
sys.stdin.read()
child.kill()
