"""The packages, found rather than listed; all else of the build is in pyproject.toml."""

from setuptools import find_namespace_packages, setup

# weights/ is mapped in as a package, which no search finds.
setup(packages=[*find_namespace_packages(include=["ganmodel*"]), "ganmodel.shipped_weights"])
