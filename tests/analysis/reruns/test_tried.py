"""What of the search is asked more: a gain that shows, much where no gain could show, or the picture of one group."""

import pytest

from analysis.datasets.preprocessing import Preprocessing
from analysis.reruns.comparison import Comparison
from analysis.reruns.first_norm import FirstNorm
from analysis.reruns.tried import Tried, tried_of
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


def seen(old: float, new: float) -> FirstNorm:
    return FirstNorm(mean=(old + new) / 2, log_variance=0.0, groups=(old, new))


@pytest.mark.parametrize(
    ("now", "others", "parts"),
    [
        (seen(1.2, 0.01), (), True),  # the new classes look as in training, the old ones no more
        (seen(0.01, 1.2), (), False),  # the other way round: neither looks better than before
        (seen(0.1, 0.01), (), False),  # the old ones suffer no more than chance
        (seen(1.2, 0.4), (), False),  # the new ones are hardly nearer
        (seen(1.2, 0.2), (seen(1.5, 0.01),), False),  # another variant brings them much nearer
    ],
)
def test_pictures_of_one_group_that_look_as_in_training_only_under_it(now, others, parts):
    one = tried(right=0.5, right_before=0.5, z_loss=0.0)
    was = seen(0.05, 0.9)
    found = tried_of(one.variant, one.comparison, was, now, [was, now, *others])
    assert (found.parts, found.divides) == (parts, parts)
    assert found.is_due == (found.improves or parts)


def test_what_suits_one_group_alone_is_asked_about_every_sample_though_it_improves_nothing():
    one = tried(right=0.5, right_before=0.5, z_loss=0.0)
    was, now = seen(0.05, 0.9), seen(1.2, 0.01)
    found = tried_of(one.variant, one.comparison, was, now, [was, now])
    assert found.is_due
    assert not found.improves
    assert found.helped > one.helped


def test_the_first_layer_says_nothing_of_groups_without_a_split():
    one = tried(right=0.5, right_before=0.5, z_loss=0.0)
    was, now = (FirstNorm(mean=mean, log_variance=0.0, groups=None) for mean in (0.5, 0.4))
    assert not tried_of(one.variant, one.comparison, was, now, [was, now]).parts
