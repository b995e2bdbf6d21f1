"""Axes of the preprocessing, the likelier faults and those that hide others first."""

from analysis.reruns.axis import Axis
from analysis.reruns.variants_channels import channel_orders
from analysis.reruns.variants_files import decodings, exif
from analysis.reruns.variants_geometry import around, geometries
from analysis.reruns.variants_normalization import normalizations

PREPROCESSING_AXES = (
    Axis(name="normalization", share=2.0, propose=normalizations),
    Axis(name="channels", share=1.0, propose=channel_orders),
    Axis(name="exif", share=1.0, propose=exif),
    Axis(name="decoding", share=0.7, propose=decodings),
    Axis(name="geometry", share=3.0, propose=geometries, refine=around),
)
