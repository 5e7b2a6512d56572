"""Holds what schedulers are given below docs/ against what they take: the manifests of Kubernetes against its
published schemas, the job of Nomad by a parser of its language; and both, and Slurm's, against a shell."""

import re
import subprocess

import hcl2
import kubernetes_validate
import yaml

VALUES = {"IMAGE": "registry.example/lamplighter:0.1.0", "HOST": "http://chat.example:8080", "PARTS": "4"}
OLDEST, NEWEST = "1.25.0", kubernetes_validate.latest_version()


def shell(name, script):
    """The script is one."""
    checked = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert checked.returncode == 0 and "lamplighter load " in script, f"{name}: {checked.stderr}\n{script}"


def kubernetes():
    text = open("docs/kubernetes/job.yaml", encoding="utf-8").read()
    filled = re.sub(r"\$\{(\w+)\}", lambda found: VALUES[found[1]], text)
    documents = list(yaml.safe_load_all(filled))
    for document in documents:
        for version in (OLDEST, NEWEST):
            kubernetes_validate.validate(document, version, strict=True)
    kinds = [document["kind"] for document in documents]
    assert kinds == ["Service", "Job", "Job"], kinds
    service, gatherer, generators = documents
    pod = gatherer["spec"]["template"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    ports = {port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]}
    assert {port["port"] for port in service["spec"]["ports"]} == ports
    spec = generators["spec"]
    assert spec["completions"] == spec["parallelism"] == int(VALUES["PARTS"])
    shell("kubernetes/job.yaml", spec["template"]["spec"]["containers"][0]["args"][0])
    # A validator that lets everything pass would say the same.
    spec["paralelism"] = 4
    try:
        kubernetes_validate.validate(generators, NEWEST, strict=True)
    except kubernetes_validate.ValidationError:
        return
    raise AssertionError("a key that there is not is let pass")


def blocks(body, kind):
    """The blocks of a kind, by their labels."""
    return {label.strip('"'): inner for one in body[kind] for label, inner in one.items() if label != "__is_block__"}


def nomad():
    with open("docs/nomad.hcl", encoding="utf-8") as file:
        job = blocks(hcl2.load(file), "job")["lamplighter"]
    groups = blocks(job, "group")
    assert sorted(groups) == ["gatherer", "generators"], sorted(groups)
    task = blocks(groups["generators"], "task")["generator"]
    scripts = [one["data"] for one in task["template"] if "generate.sh" in one["destination"]]
    assert len(scripts) == 1, scripts
    lines = scripts[0].strip('"').splitlines()
    # Nomad has put its variables in before a shell reads it.
    script = "\n".join(line for line in lines if line.strip(' "') not in ("<<-EOT", "EOT"))
    shell("nomad.hcl", re.sub(r"\$\{var\.\w+\}", "4", script))


kubernetes()
nomad()
shell("slurm.sh", open("docs/slurm.sh", encoding="utf-8").read())
print(f"Kubernetes {OLDEST} and {NEWEST}, Nomad and Slurm: 3 passed, 0 failed")
