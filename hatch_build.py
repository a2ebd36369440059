"""Compile the parser of score files and make an empty warehouse: for a wheel, and to install in place."""

import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("loader", "files", "scores", "parser.cpp")
# Without exceptions and run-time types nothing of the C++ library is needed where it runs.
FLAGS = ["-std=c++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti"]
HARDENED = ["-D_FORTIFY_SOURCE=2", "-fstack-protector-strong"]
LINKED = {
    "linux": ["-static-libgcc", "-static-libstdc++", "-Wl,-z,relro,-z,now,-z,noexecstack"],
    # Python, which loads the library, has the functions that it needs of it.
    "darwin": ["-undefined", "dynamic_lookup"],
}


class MakeParts(BuildHookInterface[Any]):
    """Add an empty warehouse to a wheel, and the library, which makes it one for this platform.

    Where no library is made, say so.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run before a wheel's files are gathered."""
        root = Path(self.root)
        empty = make_empty_warehouse(root, self.metadata.version)
        build_data["artifacts"].append(str(empty.relative_to(root)))
        try:
            library = compile_parser(root)
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"no C++ compiler made the parser, Python will read scores: {error}")
            return
        build_data["artifacts"].append(str(library.relative_to(root)))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def make_empty_warehouse(root: Path, version: str) -> Path:
    """Make the warehouse that new ones begin as a copy of; return it."""
    command = [sys.executable, "-m", "loader.views.new", version]
    made = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    return Path(made.stdout.strip())


def compile_parser(root: Path) -> Path:
    """Compile the parser beside its source, by whose hash the library is known; return the library."""
    source = root / SOURCE
    library = source.with_suffix(".so")
    made = library.with_suffix(f".{os.getpid()}")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    flags = [*FLAGS, *HARDENED, *LINKED.get(sys.platform, [])]
    subprocess.run([*compiler, *flags, f'-DSOURCE="{digest}"', "-o", made, source], check=True)
    made.replace(library)
    return library
