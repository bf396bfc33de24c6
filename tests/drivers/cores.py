"""Whether this machine has cores to spare while a run trains: bounds on single moments hold strictly only there."""

import os

MANY_CORES = (os.cpu_count() or 1) >= 8
