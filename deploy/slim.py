"""Takes out of an environment what no bot needs: `python3 deploy/slim.py /opt/venv locales`.

For the image (Dockerfile): marks for debuggers, tests and sources of packages, the names of days
and countries in languages that nobody here speaks.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

TESTS = ("tests", "testing", "SelfTest")
SOURCES = (".c", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyi", ".pyx")
"""Of what is compiled; types are nothing to a program that runs."""
NEEDED = ("root", "en")
"""By Babel: what all languages have in common, and the language of the sources."""


def main(environment: str, locales: str) -> None:
    [packages] = Path(environment).glob("lib/python*/site-packages")
    for folder in folders_of_tests(packages):
        shutil.rmtree(folder)
    for file in sources(packages):
        file.unlink()
    for file in foreign(packages / "babel" / "locale-data", spoken(Path(locales))):
        file.unlink()
    strip(packages.rglob("*.so"))


def folders_of_tests(packages: Path) -> list[Path]:
    """Those within packages; one called so itself would stay."""
    return [folder for name in TESTS for folder in packages.glob(f"*/**/{name}") if folder.is_dir()]


def sources(packages: Path) -> list[Path]:
    return [file for file in packages.rglob("*") if file.suffix in SOURCES and file.is_file()]


def spoken(locales: Path) -> set[str]:
    return {*NEEDED, *(folder.name for folder in locales.iterdir() if folder.is_dir())}


def foreign(data: Path, languages: set[str]) -> list[Path]:
    """The files of all other languages: "pt_BR.dat" is Portuguese."""
    return [file for file in data.glob("*.dat") if file.stem.split("_")[0] not in languages]


def strip(libraries: Iterable[Path]) -> None:
    """Symbols for debuggers: a quarter of all that is compiled."""
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
