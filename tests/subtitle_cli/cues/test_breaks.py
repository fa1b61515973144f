import pytest

from subtitle_cli.cues import costs
from subtitle_cli.cues.breaks import break_costs
from subtitle_cli.cues.tokens import tokenise
from subtitle_cli.profiles import load_profile
from tests.support.spoken import converse, say, say_unspaced

# Texts are written with a mark where the break in question is.


def cost(text, language="en"):
    left, right = text.split("|")
    before = say(left)
    words = before + say(right, at_s=before[-1].end_s)
    return break_costs(tokenise(words, load_profile("netflix").rules(language)))[len(before)]


def cost_unspaced(text, language="zh"):
    left, right = text.split("|")
    before = say_unspaced(left)
    words = before + say_unspaced(right, at_s=before[-1].end_s)
    return break_costs(tokenise(words, load_profile("netflix").rules(language)))[len(before)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We came late. | They left early.", "en"),
        ("He asked: “Really?” | They left early.", "en"),
        ("Wir kamen im Jahr 1923. | Sie blieben lange.", "de"),
        ("Nous sommes en retard ! | Ils sont partis.", "fr"),
        ("Llegamos tarde. | ¿Se fueron ya?", "es"),
        ("हम देर से आए। | वे चले गए।", "hi"),
    ],
)
def test_after_a_sentence(text, language):
    assert cost(text, language) == costs.SENTENCE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We came late, | they left early.", "en"),
        ("Wait... | for me there.", "en"),
        ("He just said | “Come in here.”", "en"),
        ("Er sagte mir, | dass es regnet.", "de"),
    ],
)
def test_after_a_clause(text, language):
    assert cost(text, language) == costs.CLAUSE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the old man slept | and the boy watched", "en"),
        ("ask the neighbour | who's always home", "en"),
        ("trink deinen Kaffee | oder lass es bleiben", "de"),
        ("la dame pensait | qu'il viendrait demain", "fr"),
        ("el hombre dijo | que vendría mañana", "es"),
        ("उसने मुझसे कहा | कि कल आएगा", "hi"),
    ],
)
def test_before_a_conjunction(text, language):
    assert cost(text, language) == costs.CONJUNCTION


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the children played | in the garden", "en"),
        ("die Kinder spielten | im Garten drüben", "de"),
        ("les enfants jouaient | dans le jardin", "fr"),
        ("un oiseau mange | d'autres graines", "fr"),
        ("los niños jugaban | en el jardín", "es"),
    ],
)
def test_before_a_preposition(text, language):
    assert cost(text, language) == costs.PREPOSITION


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("close behind the | garden wall there", "en"),
        ("tomorrow morning I | leave this town", "en"),
        ("because she has | forgotten her keys", "en"),
        ("then they told | him what happened", "en"),
        ("we visited Doctor Eleanor | Whitfield last night", "en"),
        ("we called Dr. | Whitfield last night", "en"),
        ("signed by J. | Whitfield last night", "en"),
        ("there were 20 | people waiting outside", "en"),
        ("after dinner and | breakfast came along", "en"),
        ("gleich hinter dem | Garten stand er", "de"),
        ("es war der 3. | Oktober und kalt", "de"),
        ("tout près de la | maison du lac", "fr"),
        ("il ne viendra | pas ce soir", "fr"),
        ("muy cerca de la | casa del lago", "es"),
        ("हम सब लोग घर | में बैठे थे", "hi"),
    ],
)
def test_words_that_belong_together(text, language):
    assert cost(text, language) == costs.BOUND


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("it fell by 20 | % this year", "en"),
        ("it fell by 20 | €, they said", "de"),
        ("it costs $ | 3.50 these days", "en"),
        ("Bonjour tout le monde | ! Ça va ?", "fr"),
        ("il a dit « | bonjour » hier", "fr"),
    ],
)
def test_marks_stay_with_their_word(text, language):
    assert cost(text, language) == costs.GLUED


@pytest.mark.parametrize("language", ["en", "sw"])
def test_two_words_that_nothing_is_known_of(language):
    assert cost("kleptomaniacs steadily | procure umbrellas everywhere", language) == costs.PLAIN


@pytest.mark.parametrize(
    ("text", "language"),
    [("maybe tomorrow it was | the last day", "en"), ("morgen früh war | der letzte Tag", "de")],
)
def test_a_verb_and_a_phrase_that_it_needs(text, language):
    assert cost(text, language) == costs.LOOSE


def test_a_word_just_after_an_article_may_not_be_the_noun_yet():
    assert (
        cost("we heard about the kleptomaniac | umbrella thief yesterday") == costs.PLAIN + costs.SHORT_PHRASE
    )


def test_one_word_alone_of_a_clause_costs_more():
    assert cost("kleptomaniacs steadily procure | umbrellas, they say") == costs.PLAIN + costs.STRANDED
    assert cost("indeed, kleptomaniacs | procure umbrellas everywhere") == costs.PLAIN + costs.STRANDED
    assert cost("they arrived with the | umbrellas, they say") == costs.BOUND + costs.STRANDED


def test_the_parts_of_a_word_stay_together():
    words = say("we do n't know")
    words[2] = type(words[2])("n't", words[2].start_s, words[2].end_s, space_before=False)
    assert break_costs(tokenise(words, load_profile("netflix").rules("en")))[2] == costs.GLUED


def test_a_label_stays_with_its_first_word():
    words = say("Come along now.", speaker="Ann")
    assert break_costs(tokenise(words, load_profile("netflix").rules("en"), labels=True))[1] == costs.GLUED


def test_a_change_of_speaker_is_the_best_place():
    words = converse(("Ann", "and the"), ("Bob", "old man"))
    assert break_costs(tokenise(words, load_profile("netflix").rules("en")))[2] == costs.TURN


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("今天天气很好，|我们去公园散步", costs.CLAUSE),
        ("今天天气很好。|我们去公园散步", costs.SENTENCE),
        ("他昨天说了这些|但是我觉得不对", costs.CONJUNCTION),
        ("我们昨天下午|在北京大学见面", costs.PREPOSITION),
        ("他们公司生产|汽车零件", costs.PLAIN),
        ("我们一起去公|园散步聊天", costs.INSIDE),
        ("我們一起去圖|書館看書學習", costs.INSIDE),
        ("他在那里住了三|个小时就走了", costs.BOUND),
        ("这是我们朋友|的书包和铅笔", costs.BOUND),
        ("他们读了《|红楼梦》三遍", costs.GLUED),
    ],
)
def test_chinese(text, place):
    assert cost_unspaced(text) == place


def test_a_number_stays_with_its_measure_word():
    assert cost_unspaced("我爷爷在1923|年开了剧院") >= costs.BOUND


def test_japanese_and_thai_have_segmenters_and_lao_breaks_anywhere():
    assert cost_unspaced("今日は天|気がいい", "ja") == costs.INSIDE
    assert cost_unspaced("วันนี้อา|กาศดีมาก", "th") == costs.INSIDE
    assert cost_unspaced("ສະບາ|ຍດີ", "lo") == costs.PLAIN


def test_places_of_no_tokens():
    assert break_costs([]) == []
