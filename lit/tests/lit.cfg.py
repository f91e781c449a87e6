"""Configuration of LLVM's lit for the tests in this folder, which cladopt lit runs too.

    lit lit/tests            # with build/cladopt, or the command in CLADOPT
"""

import os
import shutil
import subprocess

import lit.formats

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
cladopt = os.environ.get("CLADOPT", os.path.join(root, "build", "cladopt"))
if not os.access(cladopt, os.X_OK):
    lit_config.fatal("%s is not there: run make, or name the command in CLADOPT" % cladopt)
filecheck = shutil.which("FileCheck-16") or shutil.which("FileCheck")
if not filecheck:
    lit_config.fatal("FileCheck-16 is not on the PATH: install llvm-16-tools")

config.name = "cladopt"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".graph", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = os.path.join(root, "build", "lit")
config.available_features.update(subprocess.check_output([cladopt, "lit", "--features"], text=True).split())
config.substitutions.append((r"\bcladopt (?=[a-z])", cladopt.replace("\\", r"\\") + " "))
config.substitutions.append((r"\bFileCheck\b", filecheck.replace("\\", r"\\")))
config.environment.update({k: v for k, v in os.environ.items() if k.startswith(("CLADOPT_", "TMPDIR", "HOME", "GO"))})
# Programs that tests start beside cladopt and FileCheck: count and not are LLVM's.
config.environment["PATH"] = os.pathsep.join(["/usr/lib/llvm-16/bin", os.environ["PATH"]])
