"""Answers each line of input with the 10^9 operations a second of a matrix product of a transformer's size."""
import sys
import time

import torch

ROWS, INNER, COLUMNS = 1190, 768, 3072

torch.set_num_threads(1)
left, right = torch.randn(ROWS, INNER), torch.randn(INNER, COLUMNS)
print("product", flush=True)
for _ in sys.stdin:
    start = time.process_time()
    left @ right
    print(2 * ROWS * INNER * COLUMNS / (time.process_time() - start) / 1e9, flush=True)
