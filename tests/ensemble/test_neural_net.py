# ruff: noqa: TID253 -- a test of the net may load torch
import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from pel.ensemble.registry import make

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


def test_auto_device_works_without_a_gpu(films):
    auto = make("neural_net", options=OPTIONS, device="auto").fine_tune(films.Z, films.dollars, pretrained=None)
    assert np.isfinite(auto.predict(films.Z)).all()
