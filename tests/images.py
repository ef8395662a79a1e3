"""What the Dockerfile makes, made without Docker: its steps one after another in a folder.

No step is left out. Two are done in another way, for tests take nothing from Debian's servers:
packages of Debian are those of this machine, and what is installed to build with is here already.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEBIANS_PYTHON = "/usr/bin/python3.11"
NOT_IN_IT = ("usr/share", "gconv")
"""What the step that unpacks Debian's packages takes out again."""


@dataclass
class Stage:
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [rest for name, rest in self.steps if name == instruction]

    def only(self, instruction: str) -> str:
        [rest] = self.all(instruction)
        return rest


def stages(text: str) -> list[Stage]:
    """Of a Dockerfile."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    found: list[Stage] = []
    for line in filter(None, lines.replace("\\\n", " ").splitlines()):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append(Stage(rest))
        else:
            found[-1].steps.append((name, " ".join(rest.split())))
    return found


def in_context(rules: Sequence[str], path: str) -> bool:
    """Whether .dockerignore lets a file in; the last rule that fits decides."""
    is_in = True
    for rule in rules:
        pattern = rule.removeprefix("!")
        names = [path, *map(str, Path(path).parents)]
        if any(fnmatch(name, pattern.removeprefix("**/")) for name in names) or (
            pattern.startswith("**/") and pattern[3:] in Path(path).parts
        ):
            is_in = rule.startswith("!")
    return is_in


def context() -> list[str]:
    """The files that Docker is given, of those that are the project's."""
    text = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in text if line and not line.startswith("#")]
    return [path for path in of_project() if in_context(rules, path)]


def of_project() -> list[str]:
    """Its files, without what is made of them or lies beside them."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not is_beside(name)]
        paths = (Path(folder, name) for name in files if not is_beside(name))
        found += [str(path.relative_to(ROOT)) for path in paths]
    return sorted(found)


def is_beside(name: str) -> bool:
    """As .gitignore says."""
    rules = (ROOT / ".gitignore").read_text().split()
    return name == ".git" or any(fnmatch(name, rule.strip("/")) for rule in rules)


def as_root(*words: str) -> list[str]:
    return [*words] if os.geteuid() == 0 else ["sudo", "-n", *words]


@dataclass
class Image:
    """`at`: what will be its root."""

    folder: Path
    dockerfile: list[Stage]

    @property
    def at(self) -> Path:
        return self.folder / "image"

    def build(self) -> None:
        work = self.folder
        for name, rest in self.dockerfile[0].steps:
            match name:
                case "WORKDIR":
                    work = self.here(rest)
                    work.mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self.copy(*rest.split(), work)
                case "RUN":
                    self.run(rest, work)
                case _:
                    raise ValueError(f"no such step here: {name}")

    def here(self, path: str) -> Path:
        return self.folder / path.removeprefix("/")

    def copy(self, source: str, target: str, work: Path) -> None:
        assert target == "."
        for path in context() if source == "." else [source]:
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, work / path)

    def run(self, step: str, work: Path) -> None:
        if step.startswith("apt-get update"):
            assert_here(step)
        elif step.startswith("apt-get download"):
            self.unpack(step.split("&&")[0].split()[3:])
        else:
            self.shell(step, work)

    def unpack(self, packages: list[str]) -> None:
        listed = subprocess.run(
            ["dpkg", "-L", *packages], capture_output=True, text=True, check=True
        ).stdout
        for name in filter(is_wanted, listed.splitlines()):
            target = self.at / name[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target, follow_symlinks=False)

    def shell(self, step: str, work: Path) -> None:
        for path in ("/image", "/opt/pip"):
            step = re.sub(rf"(?<![\w./]){path}\b", str(self.here(path)), step)
        step = re.sub(r"(?<![\w/])python3\.11 ", f"{DEBIANS_PYTHON} ", step)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        subprocess.run(
            as_root("sh", "-ec", step), cwd=work, env=environment, check=True, timeout=600
        )

    # What was made.

    @property
    def settings(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in shlex.split(self.dockerfile[1].only("ENV")))

    def command(self, *words: str, **settings: str) -> list[str]:
        """These words as its user, from its folder, in it alone."""
        final = self.dockerfile[1]
        own = {**self.settings, "PYTHONPATH": final.only("WORKDIR"), **settings}
        program = f"{own['PATH']}/{words[0]}"
        return as_root(
            *("/usr/bin/env", "-i", *(f"{name}={value}" for name, value in own.items())),
            *("/usr/sbin/chroot", f"--userspec={final.only('USER')}", str(self.at)),
            *(program, *words[1:]),
        )

    @property
    def bot(self) -> list[str]:
        found: list[str] = json.loads(self.dockerfile[1].only("ENTRYPOINT"))
        return found

    @property
    def usual(self) -> list[str]:
        found: list[str] = json.loads(self.dockerfile[1].only("CMD"))
        return found

    @property
    def health(self) -> list[str]:
        found: list[str] = json.loads(self.dockerfile[1].only("HEALTHCHECK").split("CMD", 1)[1])
        return found

    def files(self) -> Iterator[Path]:
        return (path for path in self.at.rglob("*") if path.is_symlink() or path.is_file())

    @property
    def bytes(self) -> int:
        return sum(path.lstat().st_size for path in self.files())

    def state(self) -> dict[str, tuple[int, int]]:
        """Of all that nobody is to write to."""
        return {
            str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in self.files()
            if not path.is_relative_to(self.at / "data")
        }


def is_wanted(name: str) -> bool:
    """A file; /lib is a link to a folder here, and a folder there."""
    return (
        os.path.lexists(name)
        and not os.path.isdir(name)
        and not any(part in name for part in NOT_IN_IT)
    )


def assert_here(step: str) -> None:
    """What the image is built with is on this machine."""
    packages = step.split("--no-install-recommends")[1].split()
    subprocess.run(["dpkg", "-s", *packages], check=True, capture_output=True)


def of_dockerfile() -> list[Stage]:
    return stages((ROOT / "Dockerfile").read_text())
