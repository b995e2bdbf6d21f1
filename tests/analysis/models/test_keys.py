"""Names in a checkpoint, fitted to the names of a network."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from analysis.models.keys import fit_keys

NETWORK = {
    "conv1.weight": torch.zeros(4, 3, 1, 1),
    "bn.weight": torch.zeros(4),
    "bn.bias": torch.zeros(4),
    "fc.weight": torch.zeros(2, 4),
    "fc.bias": torch.zeros(2),
}
SHAPES = {name: tensor.shape for name, tensor in NETWORK.items()}


def prefixed(prefix: str) -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in NETWORK.items()}


@pytest.mark.parametrize(
    ("prefix", "stripped"),
    [
        *(
            (name, (name,))
            for name in ("module.", "model.", "backbone.", "net.", "ema_model.", "module.model.", "x.y.z.")
        ),
        ("_orig_mod.", ("_orig_mod.",)),
        ("_fsdp_wrapped_module.", ("_fsdp_wrapped_module.",)),
        ("model._orig_mod.", ("_orig_mod.", "model.")),
    ],
)
def test_a_prefix_on_every_name_is_taken_off(prefix: str, stripped: tuple[str, ...]) -> None:
    fitted = fit_keys(prefixed(prefix), SHAPES)
    assert set(fitted.state) == set(NETWORK)
    assert fitted.stripped == stripped
    assert fitted.left_out == ()


def test_names_that_fit_stay_as_they_are() -> None:
    fitted = fit_keys(NETWORK, SHAPES)
    assert fitted.state == NETWORK
    assert (fitted.stripped, fitted.added, fitted.left_out) == ((), "", ())


def test_a_prefix_that_belongs_to_the_network_stays() -> None:
    wrapped = prefixed("backbone.")
    fitted = fit_keys(wrapped, {name: tensor.shape for name, tensor in wrapped.items()})
    assert set(fitted.state) == set(wrapped)
    assert fitted.stripped == ()


def test_a_prefix_is_added_where_the_network_is_the_wrapper() -> None:
    fitted = fit_keys(NETWORK, {f"model.{name}": shape for name, shape in SHAPES.items()})
    assert set(fitted.state) == set(prefixed("model."))
    assert fitted.added == "model."


def test_a_loss_function_beside_the_network_is_left_out() -> None:
    fitted = fit_keys({**prefixed("model."), "criterion.weight": torch.ones(2)}, SHAPES)
    assert set(fitted.state) == set(NETWORK)
    assert fitted.left_out == ("criterion.weight",)


def test_unknown_names_under_the_prefix_stay_unexpected() -> None:
    fitted = fit_keys({**prefixed("module."), "module.extra.weight": torch.ones(2)}, SHAPES)
    assert set(fitted.state) == {*NETWORK, "extra.weight"}
    assert fitted.left_out == ()


def test_backbone_and_head_under_prefixes_of_their_own() -> None:
    state = {
        "backbone.conv1.weight": NETWORK["conv1.weight"],
        "backbone.bn.weight": NETWORK["bn.weight"],
        "backbone.bn.bias": NETWORK["bn.bias"],
        "head.fc.weight": NETWORK["fc.weight"],
        "head.fc.bias": NETWORK["fc.bias"],
    }
    fitted = fit_keys(state, SHAPES)
    assert set(fitted.state) == set(NETWORK)
    assert fitted.stripped == ("backbone.", "head.")


def test_a_head_of_another_length_does_not_turn_the_choice() -> None:
    state = {**prefixed("module."), "module.fc.weight": torch.zeros(9, 4), "module.fc.bias": torch.zeros(9)}
    assert set(fit_keys(state, SHAPES).state) == set(NETWORK)


def test_a_second_network_that_fits_as_well_is_told() -> None:
    fitted = fit_keys({**prefixed("student."), **prefixed("teacher.")}, SHAPES)
    assert fitted.stripped == ("student.",)
    assert fitted.alternatives == ("teacher.",)
    assert len(fitted.left_out) == len(NETWORK)


_part = st.sampled_from(["module", "model", "net", "a", "_orig_mod", "layer1"])


@given(parts=st.lists(_part, min_size=0, max_size=4))
def test_no_tensor_is_lost_or_mixed_up(parts: list[str]) -> None:
    prefix = "".join(f"{part}." for part in parts)
    fitted = fit_keys(prefixed(prefix), SHAPES)
    assert {name: id(tensor) for name, tensor in fitted.state.items()} == {n: id(t) for n, t in NETWORK.items()}
