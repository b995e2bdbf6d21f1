"""The other order of red and blue; no colour."""

from dataclasses import replace

from analysis.datasets.preprocessing import Channels
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant
from analysis.reruns.variant_making import distinct, made


def channel_orders(subject: Subject, base: Variant) -> list[Variant]:
    """Red and blue swapped, with mean and std kept in their places or swapped as well; gray in three channels."""
    now = base.preprocessing
    if now.channel_count != 3:
        return []
    order: Channels = "rgb" if now.channels == "bgr" else "bgr"
    words = f"channels in {order.upper()} order"
    kept = replace(now, channels=order)
    turned = replace(kept, mean=now.mean[::-1], std=now.std[::-1])
    found = [
        made(subject, base, "channels", words, kept),
        made(subject, base, "channels", f"{words}, mean and std with them", turned),
        made(subject, base, "channels", "gray pictures in three channels", conversion="gray"),
    ]
    return distinct(found, base)
