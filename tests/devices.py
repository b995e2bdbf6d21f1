"""Where the networks of the tests run: the CPU, or what FAULTLINE_TEST_DEVICE names on a machine that has it."""

import os

DEVICE = os.environ.get("FAULTLINE_TEST_DEVICE", "cpu")
