"""Options as typed, and models loaded with them."""

import pytest

from diffasr_plugin.asr import InvalidOption, ModelUnavailable, Readiness
from diffasr_plugin.evaluate.loading import load
from tests.support.fake_models import make_spec


def test_options_go_where_they_belong():
    model, call = load(make_spec(), {"device": "cpu", "steps": "4"})
    assert model.options == {"device": "cpu"}
    assert call == {"steps": "4"}


@pytest.mark.parametrize("settings", [{"stepz": "4"}, {"steps": "99"}, {"device": "tpu"}])
def test_bad_options_are_refused_before_loading(settings):
    with pytest.raises(InvalidOption):
        load(make_spec(factory=None), settings)


def test_a_model_that_cannot_run_here_says_why():
    spec = make_spec(probe=lambda: Readiness(False, ("a GPU is missing",)))
    with pytest.raises(ModelUnavailable, match="a GPU is missing"):
        load(spec, {})
    with pytest.raises(ModelUnavailable, match="does not say why"):
        load(make_spec(probe=lambda: Readiness(False)), {})
