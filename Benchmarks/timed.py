"""timed.py RESULT TIMES COMMAND…: runs a command so many times in fresh folders and writes how long each took."""

import json
import os
import shutil
import subprocess
import sys
import time

result, times, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
seconds = []
for turn in range(times):
    begun = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    seconds.append(time.monotonic() - begun)
    if os.path.isdir("site"):
        shutil.rmtree("site")
with open(result, "w") as file:
    json.dump(seconds, file)
