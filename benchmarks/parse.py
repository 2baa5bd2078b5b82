"""How fast YAML is parsed and every scalar located, against libyaml's bare events in the same run.

    python benchmarks/parse.py DIRECTORY...

Reads every ``.yaml`` and ``.yml`` file without ``{{`` below the directories into memory, then measures CPU
time: best of three. "small" are the files of at most 4 kB: what most manifests are.
"""

import os
import sys
import time

from gitops_ci.manifest.libyaml import CParser, YAMLError
from gitops_ci.manifest.nodes import Scalar
from gitops_ci.manifest.parse import parse


def read(directories):
    for directory in directories:
        for folder, folders, names in os.walk(directory):
            folders[:] = [name for name in folders if name != ".git"]
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith((".yaml", ".yml")) and os.path.isfile(path):
                    with open(path, "rb") as stream:
                        data = stream.read()
                    if b"{{" not in data:
                        yield data


def events(files):
    for data in files:
        try:
            get = CParser(data).get_event
            while get() is not None:
                pass
        except YAMLError:
            pass


def trees(files):
    for data in files:
        parse("f", data)


def places(files):
    """Also say where each image stands."""
    for data in files:
        for document in parse("f", data, only=lambda text: b"mage" in text).documents:
            stack = [document.root]
            while stack:
                node = stack.pop()
                for item in getattr(node, "items", ()):
                    if type(item) is not tuple:
                        stack.append(item)
                    elif type(item[1]) is not Scalar:
                        stack.append(item[1])
                    elif type(item[0]) is Scalar and item[0].value == "image":
                        document.place(item[1], "reference")


def main(directories):
    everything = list(read(directories))
    for title, files in (("all", everything), ("small", [data for data in everything if len(data) <= 4096])):
        size = sum(map(len, files)) / 1e6
        print(f"{title}: {len(files):,} files, {size:.1f} MB")
        base = None
        for name, call in (("libyaml's events", events), ("nodes of all", trees), ("images located", places)):
            best = float("inf")
            for _ in range(3):
                start = time.process_time()
                call(files)
                best = min(best, time.process_time() - start)
            base = base or best
            print(f"  {name:18}{size / best:8.1f} MB/s {len(files) / best:10,.0f} files/s {best / base:6.2f} x")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
