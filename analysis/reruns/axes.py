"""All axes, in the order they are searched."""

from analysis.reruns.axis import Axis
from analysis.reruns.variants_preprocessing import PREPROCESSING_AXES

AXES: tuple[Axis, ...] = (*PREPROCESSING_AXES,)
