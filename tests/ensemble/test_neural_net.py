# ruff: noqa: TID253 -- a test of the net may load torch
import os
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from pel.ensemble.arrays import MISSING
from pel.ensemble.base import read_description
from pel.ensemble.device import Device, choose, falling_back
from pel.ensemble.registry import load, make

from .films import SMALL

OPTIONS = SMALL["neural_net"]


def test_with_zero_epochs_a_net_is_its_pretrained_self_on_the_scale_of_the_target(films, pretrained):
    net = make("neural_net", options=replace(OPTIONS, fine_tune_epochs=0))
    net.fine_tune(films.Z, films.dollars, pretrained=pretrained["neural_net"])
    standardised = (pretrained["neural_net"].predict(films.Z) - films.rating.mean()) / films.rating.std()
    expected = films.dollars.mean() + films.dollars.std() * standardised
    np.testing.assert_allclose(net.predict(films.Z), expected, rtol=1e-12)


def test_fitting_and_predicting_leave_torch_as_it_was(films):
    torch.manual_seed(5)
    torch.use_deterministic_algorithms(False)
    environment = dict(os.environ)
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    net = make("neural_net", options=OPTIONS, threads=1 if threads > 1 else 2)
    net.fine_tune(films.Z, films.dollars, pretrained=None).predict(films.Z)
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.get_rng_state(), state)
    assert dict(os.environ) == environment


def test_predictions_do_not_depend_on_the_global_seed(films):
    def predict(global_seed):
        torch.manual_seed(global_seed)
        return make("neural_net", options=OPTIONS).fine_tune(films.Z, films.dollars, pretrained=None).predict(films.Z)

    np.testing.assert_array_equal(predict(1), predict(2))


def test_a_pretrained_net_of_another_shape_is_refused(films, pretrained):
    net = make("neural_net", options=replace(OPTIONS, width=25))
    with pytest.raises(ValueError, match="width=24, this one width=25"):
        net.fine_tune(films.Z, films.dollars, pretrained=pretrained["neural_net"])


def test_an_outlier_cannot_run_away(films, pretrained):
    far = films.Z[:1].copy()
    far[0, 0] = 1e6
    farther = far * np.array([1e3] + [1] * 7, dtype=np.float32)
    net = pretrained["neural_net"]
    np.testing.assert_allclose(net.predict(far), net.predict(farther), rtol=1e-4)


def test_auto_device_without_cuda_is_the_cpu(films, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    cpu, auto = (
        make("neural_net", options=OPTIONS, device=device).fine_tune(films.Z, films.dollars, pretrained=None)
        for device in ("cpu", "auto")
    )
    np.testing.assert_array_equal(auto.predict(films.Z), cpu.predict(films.Z))


def test_auto_device_takes_cuda_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose("auto") == ("cuda", "there is a GPU")
    assert choose("cpu") == ("cpu", "as asked")


def test_where_it_was_trained_and_why_is_kept_with_the_model(films, tmp_path):
    net = make("neural_net", options=OPTIONS, device="cpu").fine_tune(films.Z, films.dollars, pretrained=None)
    net.save(tmp_path / "net")
    assert read_description(tmp_path / "net")["state"]["trained_on"] == "cpu (as asked)"
    assert load(tmp_path / "net").trained_on == "cpu (as asked)"


def test_a_fit_for_which_the_gpu_is_too_small_starts_again_on_the_cpu_once_and_says_so(caplog):
    tried = []

    def fit(device):
        tried.append(device.name)
        if device.name == "cuda":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
        return "weights"

    weights, device = falling_back(fit, Device("cuda", "there is a GPU"))
    assert (weights, tried) == ("weights", ["cuda", "cpu"])
    assert str(device) == "cpu (the GPU's memory was not enough)"
    assert "going on with the CPU: CUDA out of memory" in caplog.text


def test_a_fit_for_which_the_cpu_is_too_small_fails():
    def fit(device):
        raise torch.cuda.OutOfMemoryError("out of memory")

    with pytest.raises(torch.cuda.OutOfMemoryError):
        falling_back(fit, Device("cpu", "as asked"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_full_gpu_gives_what_the_cpu_gives(films):
    def predict(device):
        net = make("neural_net", options=OPTIONS, device=device)
        return net.fine_tune(films.Z, films.dollars, pretrained=None).predict(films.Z)

    torch.cuda.set_per_process_memory_fraction(1e-6)
    try:
        np.testing.assert_array_equal(predict("cuda"), predict("cpu"))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_on_a_gpu_a_net_learns_what_it_learns_on_the_cpu(films):
    """Without dropout, for which every device draws its own numbers; but for the precision of its products."""
    cpu, gpu = (
        make("neural_net", options=replace(OPTIONS, dropout=0.0, fine_tune_epochs=10), device=device)
        .fine_tune(films.Z, films.dollars, pretrained=None)
        .predict(films.Z)
        for device in ("cpu", "cuda")
    )
    assert np.sqrt(np.mean((cpu - gpu) ** 2)) < 0.05 * films.dollars.std()


def test_a_prediction_is_the_mean_of_the_members(films, pretrained):
    net = pretrained["neural_net"]
    first, second = (deepcopy(net) for _ in range(2))
    for member, alone in enumerate((first, second)):
        alone._weights = {
            name: weight[member : member + 1] if weight.ndim == 3 else weight for name, weight in net._weights.items()
        }
    mean = (first.predict(films.Z) + second.predict(films.Z)) / 2
    assert not np.allclose(first.predict(films.Z), mean, rtol=1e-3)
    np.testing.assert_allclose(net.predict(films.Z), mean, rtol=1e-6)


def test_a_net_learns_from_a_mark_that_a_value_is_missing(films):
    Z = films.Z.copy()
    Z[::2, 5] = MISSING
    dollars = films.dollars + 2 * (Z[:, 5] == MISSING)
    net = make("neural_net", options=replace(OPTIONS, fine_tune_epochs=30)).fine_tune(Z, dollars, pretrained=None)
    known = films.Z.copy()
    known[:, 5] = 0
    missing = known.copy()
    missing[:, 5] = MISSING
    assert 1.5 < (net.predict(missing) - net.predict(known)).mean() < 2.5
