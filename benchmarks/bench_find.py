"""``find`` over 10,000 files, and a search for one image in them, beside grep and ripgrep.

    python benchmarks/bench_find.py [DIRECTORY...]

Without a directory it makes a tree of its own: 10,000 files, about 100 MB (workloads, overlays, Helm values, Argo CD
and Flux objects, charts' templates, dashboards in ConfigMaps, and custom resource definitions, which are half of the
bytes); a quarter of the files name an image. Every case is a process of its own; CPU time is its user and system time, the better of three runs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

FILES = 10_000
IMAGE = "ghcr.io/acme/app-17"
SCAN = "import sys; from gitops_ci.manifest.scan import scan; r = scan(sys.argv[1], processes={n}, image={image!r}, owners={owners}); print(len(r.uses), r.files)"

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{n}
  labels: {{app.kubernetes.io/name: app-{n}}}
spec:
  replicas: 2
  selector:
    matchLabels: {{app.kubernetes.io/name: app-{n}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: app-{n}}}
    spec:
      containers:
        - name: app
          image: ghcr.io/acme/app-{m}:1.{n}.0 # pinned
          ports: [{{containerPort: 8080}}]
          env:
{env}
---
apiVersion: v1
kind: Service
metadata:
  name: app-{n}
spec:
  selector: {{app.kubernetes.io/name: app-{n}}}
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: app-{n}\n  annotations:\n    settings: |\n{env}spec:\n  selector: {{app: app-{n}}}\n"
VALUES = "image:\n  registry: ghcr.io\n  repository: acme/app-{m}\n  tag: 1.{n}.0\nresources: {{}}\n{filler}"
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../base]\nimages:\n  - name: ghcr.io/acme/app-{m}\n    newTag: 1.{n}.0\n"
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: app-{n}\nspec:\n  source:\n    repoURL: https://github.com/acme/gitops\n    path: apps/app-{n}/overlays/prod\n  destination: {{name: prod-eu}}\n"
RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: app-{n}}}\nspec:\n  values:\n    image:\n      repository: ghcr.io/acme/app-{m}\n      tag: 1.{n}.0\n"
TEMPLATE = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{{{ .Release.Name }}}}-{n}\nspec:\n  containers:\n    - name: app\n      image: "{{{{ .Values.image.repository }}}}:{{{{ .Values.image.tag }}}}"\n{filler}'
CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things{n}.example.com\nspec:\n  versions:\n    - name: v1\n      schema:\n        openAPIV3Schema:\n          properties:\n{filler}"
DASHBOARD = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dashboard-{n}\ndata:\n  dashboard.json: |\n    {{"panels": [\n{filler}    {{}}]}}\n'


def main():
    if len(sys.argv) > 1:
        for directory in sys.argv[1:]:
            measure(directory, os.environ.get("IMAGE", "nginx"))
        return
    with tempfile.TemporaryDirectory() as directory:
        make(directory)
        measure(directory, IMAGE)


def make(directory):
    schema = "            field{}:\n              description: The image that is pulled, and what it is for, in a sentence or two.\n              type: string\n"
    env = "            - {{name: SETTING_{0}, value: 'a value of some length, number {0}'}}\n"
    panel = '    {{"title": "Panel {0}", "targets": [{{"expr": "sum(rate(http_requests_total[5m])) by (image)"}}]}},\n'
    for number in range(FILES):
        kind, app, other = number % 40, f"app-{number // 8}", number % 200
        values = {"n": number, "m": other}
        if kind == 0:
            path, text = (
                f"crds/thing-{number}.yaml",
                CRD.format(**values, filler="".join(schema.format(i) for i in range(1700))),
            )
        elif kind == 1:
            path, text = (
                f"dashboards/{number}.yaml",
                DASHBOARD.format(**values, filler="".join(panel.format(i) for i in range(500))),
            )
        elif kind < 6:
            path, text = (
                f"charts/{app}/values-{number}.yaml",
                VALUES.format(**values, filler="".join(f"key{i}: 'some value {i}'\n" for i in range(100))),
            )
        elif kind < 9:
            path, text = f"apps/{app}/overlays/env-{number}/kustomization.yaml", KUSTOMIZATION.format(**values)
        elif kind < 15:
            path, text = f"argocd/{number}.yaml", APPLICATION.format(**values)
        elif kind < 18:
            path, text = f"clusters/prod/{number}.yaml", RELEASE.format(**values)
        elif kind < 22:
            path, text = (
                f"charts/{app}/templates/{number}.yaml",
                TEMPLATE.format(**values, filler="".join(f"# {i} {{{{ .Values.x }}}}\n" for i in range(100))),
            )
        elif kind < 34:
            text = SERVICE.format(**values, env="".join(env.format(i) for i in range(40)))
            path = f"apps/{app}/base/service-{number}.yaml"
        else:
            path, text = (
                f"apps/{app}/base/deployment-{number}.yaml",
                DEPLOYMENT.format(**values, env="".join(env.format(i) for i in range(40))),
            )
        full = os.path.join(directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def measure(directory, image):
    size = sum(os.path.getsize(os.path.join(base, name)) for base, _, names in os.walk(directory) for name in names)
    count = sum(len(names) for _, _, names in os.walk(directory))
    print(f"{directory if len(sys.argv) > 1 else 'own tree'}: {count:,} files, {size / 1e6:.0f} MB")
    cases = {
        "find, one process": [sys.executable, "-c", SCAN.format(n=1, image=None, owners=True), directory],
        "find, two processes": [sys.executable, "-c", SCAN.format(n=2, image=None, owners=True), directory],
        f"one image ({image})": [sys.executable, "-c", SCAN.format(n=1, image=image, owners=False), directory],
        "grep -rl": ["grep", "-rl", image, directory],
        "rg -j1": ["rg", "-j1", "-uu", "-l", "-F", image, directory],
    }
    results = {}
    for name, command in cases.items():
        if shutil.which(command[0]) is None:
            print(f"  {name:<32}not installed")
            continue
        results[name] = wall, cpu, memory, out = best(command)
        print(f"  {name:<32}{wall:6.2f} s  {cpu:6.2f} s CPU  {memory:5.0f} MB  {count / wall:8,.0f} files/s  {out}")
    named = next(result for name, result in results.items() if name.startswith("one image"))
    for tool in ("rg -j1", "grep -rl"):
        if tool in results:
            print(
                f"  one image, against {tool}: {named[1] / results[tool][1]:.2f} × the CPU time, {named[0] / results[tool][0]:.2f} × the time"
            )


def best(command):
    runs = []
    for _ in range(3):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        out = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        wall = time.perf_counter() - started
        words = out.split()
        said = f"{words[0]} uses" if len(words) == 2 and words[0].isdigit() else f"{len(words)} files"
        runs.append((wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said))
    return min(runs, key=lambda run: run[1])


if __name__ == "__main__":
    main()
