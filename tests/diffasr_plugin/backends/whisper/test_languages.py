import langcodes
import pytest

from diffasr_plugin.backends.whisper.languages import LANGUAGES, token_of_language


def test_the_list_is_that_of_transformers(transformers):
    from transformers.models.whisper.tokenization_whisper import LANGUAGES as THEIRS

    assert [token_of_language(language) for language in LANGUAGES] == [f"<|{code}|>" for code in THEIRS]


def test_all_codes_are_registered_and_unlike():
    assert len(set(LANGUAGES)) == len(LANGUAGES) == 100
    assert all(langcodes.get(code).is_valid() for code in LANGUAGES)


@pytest.mark.parametrize(("language", "token"), [("de", "<|de|>"), ("jv", "<|jw|>"), ("yue", "<|yue|>")])
def test_a_language_has_its_token(language, token):
    assert token_of_language(language) == token
