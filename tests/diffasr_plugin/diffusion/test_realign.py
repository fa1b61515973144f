import pytest

from diffasr_plugin.diffusion.realign import continuation

DRAFT = [10, 11, 12, 13, 14, 15, 16]


@pytest.mark.parametrize(
    ("at", "text", "place"),
    [
        (2, [10, 11, 99], 3),  # a wrong token
        (2, [10, 11, 13], 4),  # one too many in the draft
        (2, [10, 11, 15], 6),  # three too many
        (3, [10, 11, 99, 12], 3),  # one too few, seen a token later
        (4, [10, 11, 98, 99, 12], 3),  # two too few
        (6, [10, 11, 12, 13, 14, 15, 99], 7),  # the last
        (7, [99], 7),  # used up
        (0, [99], 1),
    ],
)
def test_the_draft_goes_on_where_the_text_does(at, text, place):
    assert continuation(DRAFT, at, text) == place


def test_more_agreement_wins_over_nearness():
    draft = [5, 1, 2, 3, 4, 9, 8, 3, 7]
    assert continuation(draft, 6, [1, 2, 3]) == 4


def test_far_places_are_out_of_reach():
    draft = [0] * 20 + [1, 2]
    assert continuation(draft, 2, [7, 8, 1]) == 3
