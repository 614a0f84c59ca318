"""Puts the notebooks and the demo clients into the wheel; all else stands in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
# one copy in version control: the same files that a checkout works with
SHIPPED = (
    "notebooks",
    "client_data/qinghe",
    "client_data/qinghe_draft",
    "client_data/xiaoman",
)


class BuildWithNotebooks(build_py):
    """build_py that also copies the shipped folders to ``ecperf_kit/_shipped``."""

    def run(self):
        super().run()
        if self.editable_mode:  # an editable installation reads them from the checkout
            return
        target = Path(self.build_lib) / "ecperf_kit" / "_shipped"
        shutil.rmtree(target, ignore_errors=True)
        for name in SHIPPED:
            ignored = shutil.ignore_patterns(".*", "__pycache__", "*.failed.ipynb")
            shutil.copytree(HERE / name, target / name, ignore=ignored)


setup(cmdclass={"build_py": BuildWithNotebooks})
