"""``python -m ecperf_kit`` is the command ``ecperf``."""

from ecperf_kit.cli import main

if __name__ == "__main__":
    main(prog_name="ecperf")
