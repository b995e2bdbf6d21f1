"""What of the search is asked more: a gain that shows, and much for a variant where no gain could show."""

import pytest

from analysis.datasets.preprocessing import Preprocessing
from analysis.reruns.comparison import Comparison
from analysis.reruns.search import Tried
from analysis.reruns.variant import Variant


def tried(*, right: float, right_before: float, z_loss: float, images: int = 12) -> Tried:
    comparison = Comparison(
        images=images, accuracy=right, accuracy_base=right_before, z_right=0.0, apart=1.0, apart_base=1.0, z_apart=0.0,
        z_loss=z_loss, confidence=0.9, confidence_base=0.9, entropy=0.1,
    )  # fmt: skip
    preprocessing = Preprocessing(
        input_size=(8, 8), resize="squash", crop_pct=1.0, interpolation="bilinear", mean=(0.5,), std=(0.5,),
        channels="gray", exif=False,
    )  # fmt: skip
    variant = Variant(id="v", axis="normalization", base="", label="another", preprocessing=preprocessing)
    return Tried(variant=variant, comparison=comparison)


@pytest.mark.parametrize(
    ("right", "right_before", "z_loss", "due", "more"),
    [
        (1.0, 0.5, 4.0, True, True),  # a gain that shows
        (1.0, 1.0, 8.0, False, True),  # nothing wrong to put right, but much for it
        (1.0, 1.0, 2.0, False, False),  # more confidence alone
        (0.9, 1.0, 8.0, False, False),  # it breaks answers
        (0.5, 0.5, 8.0, False, False),  # a gain could have shown and did not
    ],
)
def test_what_deserves_more_pictures(right, right_before, z_loss, due, more):
    one = tried(right=right, right_before=right_before, z_loss=z_loss)
    assert (one.is_due, one.deserves_more) == (due, more)


def test_a_variant_known_by_few_pictures_may_be_worth_more_than_one_known_by_many():
    few, many = (tried(right=0.5, right_before=0.5, z_loss=0.5, images=images) for images in (12, 48))
    assert few.score == many.score
    assert few.at_best > many.at_best > 0
