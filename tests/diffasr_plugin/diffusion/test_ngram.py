from diffasr_plugin.diffusion import ngram
from diffasr_plugin.diffusion.ngram import NgramMemory


def test_a_text_goes_on_as_it_did_before():
    memory = NgramMemory()
    memory.remember([1, 2, 3, 4, 5, 6])
    assert memory.guess([9, 2, 3]) == [4, 5, 6]


def test_the_last_time_counts_and_longer_contexts_first():
    memory = NgramMemory()
    memory.remember([1, 2, 3, 4])
    memory.remember([7, 2, 3, 5])
    assert memory.guess([8, 2, 3]) == [5]
    assert memory.guess([1, 2, 3])[0] == 4


def test_what_never_was_is_not_guessed():
    memory = NgramMemory()
    assert memory.guess([1, 2, 3]) == []
    memory.remember([1, 2, 3])
    assert memory.guess([2, 3]) == []
    assert memory.guess([3]) == []


def test_the_oldest_is_forgotten(monkeypatch):
    monkeypatch.setattr(ngram, "CAPACITY", 20)
    memory = NgramMemory()
    memory.remember(list(range(12)))
    memory.remember(list(range(100, 112)))
    assert memory.guess([0, 1]) == []
    assert memory.guess([8, 9]) == [10, 11, *range(100, 106)]
    assert memory.guess([100, 101])[:2] == [102, 103]
