"""Peer of the decoding benchmark: each line of input is a file, answered with the processor time of reading it by libsndfile."""
import sys
import time

import soundfile

print(soundfile.__libsndfile_version__, flush=True)
for line in sys.stdin:
    start = time.process_time()
    soundfile.read(line.rstrip("\n"), dtype="float32")
    print(time.process_time() - start, flush=True)
