"""torchvision is imported even where its compiled operators do not fit."""

import subprocess
import sys

PROGRAM = """
import warnings
warnings.simplefilter("error")
from analysis.models.torchvision_import import import_torchvision
first = import_torchvision()
assert import_torchvision() is first
import timm, torch
from torchvision import models
assert torch.ops.torchvision.nms is not None
print(models.get_model("resnet18", weights=None, num_classes=3).eval()(torch.zeros(1, 3, 32, 32)).shape[1])
"""


def test_it_is_imported_in_a_fresh_process_and_twice_is_once() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "3", done.stderr
