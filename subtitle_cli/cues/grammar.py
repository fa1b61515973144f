"""Small word lists: which words of a language begin a phrase, and which cling to a neighbour.

Data only; `breaks` says what it costs to part them. Lists hold what is frequent, not all there is.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GRAMMARS", "NO_GRAMMAR", "Grammar"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Grammar:
    """Words in lower case, without punctuation; an elided one, as in "qu'il", ends in its apostrophe.

    Attributes:
        conjunctions: begin a clause, and belong to what follows.
        prepositions: begin a phrase, and belong to what follows unless that begins one too.
        determiners: belong to what follows, whatever it is: articles, possessives, numerals, intensifiers.
        attached: belong to what follows unless that begins a clause or phrase: pronouns, auxiliaries,
            negations, frequent adjectives.
        trailing: belong to what precedes: object pronouns, postpositions, particles.
        abbreviations: end in a full stop that ends no sentence, and belong to what follows.
        nouns_are_capitalised: two capitals in a row then make no name.
    """

    conjunctions: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    determiners: frozenset[str] = frozenset()
    attached: frozenset[str] = frozenset()
    trailing: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    nouns_are_capitalised: bool = False


NO_GRAMMAR = Grammar()
"""For languages without lists: punctuation, numbers, names and pauses still guide the breaks."""

_ENGLISH = Grammar(
    conjunctions=_words(
        "and but or nor so yet because although though while whereas when whenever where wherever if "
        "unless until till since as than whether that which who whom whose what why how before after once"
    ),
    prepositions=_words(
        "of in on at to for from with without by about into onto over under above below between through "
        "during against among around behind beside beyond near off out toward towards upon within across "
        "along despite except inside outside past per like"
    ),
    determiners=_words(
        "a an the my your his her its our their this these those some any no every each another both all "
        "many much few several more most very too such & not"
    ),
    attached=_words(
        "i you he she it we they there am is are was were be been being have has had do does did will "
        "would shall should can could may might must don't doesn't didn't isn't aren't wasn't weren't "
        "haven't hasn't hadn't won't wouldn't can't cannot couldn't shouldn't mustn't let's let gonna "
        "wanna gotta never always just really new old young good bad big little small great long short "
        "high own same other first second last next whole only right wrong real"
    ),
    trailing=_words("me him us them myself yourself himself herself itself ourselves themselves"),
    abbreviations=_words("mr. mrs. ms. dr. prof. st. mt. sgt. lt. capt. gen. sen. rev. vs. e.g. i.e."),
)

_GERMAN = Grammar(
    conjunctions=_words(
        "und oder aber denn sondern doch dass daß weil wenn ob obwohl damit bevor nachdem während sobald "
        "solange falls indem als wie wo wohin woher was warum wieso weshalb wer wen wem sowie sowohl"
    ),
    prepositions=_words(
        "in im ins an am ans auf aufs aus bei beim mit nach seit von vom zu zum zur über unter vor vorm "
        "hinter neben zwischen durch durchs für fürs gegen ohne um ums bis trotz wegen statt außer"
    ),
    determiners=_words(
        "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner keines "
        "mein meine meinen meinem meiner meines dein deine deinen deinem deiner sein seine seinen seinem "
        "seiner ihr ihre ihren ihrem ihrer unser unsere unseren unserem unserer euer eure dieser diese "
        "dieses diesen diesem jeder jede jedes jeden jedem alle allen viele vielen einige einigen manche "
        "welche welcher welches welchen sehr so zu"
    ),
    attached=_words(
        "ich du er sie es wir man bin bist ist sind seid war warst waren wart habe hab hast hat haben "
        "habt hatte hatten werde wirst wird werden wurde wurden kann kannst können konnte muss musst "
        "müssen musste will willst wollen wollte soll sollst sollen sollte darf darfst dürfen mag möchte "
        "würde würden hätte wäre nicht nie auch nur noch schon ganz neue neuen neuer neues alte alten "
        "alter große großen großer großes kleine kleinen kleiner gute guten guter gutes erste ersten "
        "nächste nächsten letzte letzten andere anderen"
    ),
    trailing=_words("mich dich sich uns euch mir dir ihm ihn ihnen"),
    abbreviations=_words("dr. prof. hr. fr. st. nr. ca. bzw. z.b. d.h. u.a. evtl. ggf. vgl."),
    nouns_are_capitalised=True,
)

_FRENCH = Grammar(
    conjunctions=_words(
        "et ou mais donc car ni que qu' quand lorsque lorsqu' si comme parce puisque puisqu' qui dont où "
        "pourquoi comment afin alors tandis quoique quoiqu'"
    ),
    prepositions=_words(
        "à de d' du des au aux en dans sur sous avec sans pour par chez vers entre depuis avant après "
        "contre jusque jusqu' devant derrière parmi malgré selon dès"
    ),
    determiners=_words(
        "le la les un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette "
        "ces quel quelle quels quelles quelque quelques plusieurs chaque tout toute tous toutes aucun "
        "aucune très trop si plus moins"
    ),
    attached=_words(
        "je j' tu il elle on nous vous ils elles c' ça cela ne n' me m' te t' se s' lui y ai as a avons "
        "avez ont suis es est sommes êtes sont étais était étaient avais avait avaient serai sera seront "
        "aura vais vas va allons allez vont peux peut pouvez peuvent dois doit devez faut veux veut "
        "voulez fait bon bonne beau belle grand grande petit petite nouveau nouvelle vieux vieille jeune "
        "premier première dernier dernière autre même"
    ),
    trailing=_words("pas plus jamais rien personne là moi toi eux"),
    abbreviations=_words("m. mm. mme. mlle. dr. pr. st. ste. p.ex. c.-à-d."),
)

_SPANISH = Grammar(
    conjunctions=_words(
        "y e o u pero sino ni que porque cuando si aunque mientras donde adonde como pues quien quienes "
        "cual cuales cuyo cuya entonces qué cómo dónde cuándo"
    ),
    prepositions=_words(
        "a al de del en con sin por para sobre entre hasta desde hacia contra según durante tras ante "
        "bajo mediante"
    ),
    determiners=_words(
        "el la los las lo un una unos unas mi mis tu tus su sus nuestro nuestra nuestros nuestras este "
        "esta estos estas ese esa esos esas aquel aquella aquellos aquellas cada todo toda todos todas "
        "algún alguna algunos algunas ningún ninguna otro otra otros otras mucho mucha muchos muchas muy "
        "tan más"
    ),
    attached=_words(
        "yo tú él ella usted nosotros nosotras ellos ellas ustedes me te se le les nos os no nunca ha he "
        "has han hemos había habían es son está están estoy estamos era eran fue fueron estaba estaban "
        "ser estar soy eres voy vas va vamos van puede puedo puedes pueden debe debo tiene tengo quiero "
        "quiere hay gran buen buena nuevo nueva viejo vieja primer primera último última mismo misma"
    ),
    abbreviations=_words("sr. sra. srta. dr. dra. d. dña. ud. uds. pág. núm."),
)

_HINDI = Grammar(
    conjunctions=_words(
        "और या एवं तथा लेकिन मगर किन्तु परन्तु कि क्योंकि अगर यदि जब जबकि तब जो जिसे जिसने जिसका जिसकी "
        "जिसके जहाँ जहां वहाँ ताकि बल्कि इसलिए चाहे जैसे"
    ),
    determiners=_words(
        "एक यह ये वह वो वे इस उस इन उन हर कोई कुछ कई सब सभी मेरा मेरी मेरे तेरा तेरी तेरे हमारा हमारी "
        "हमारे आपका आपकी आपके तुम्हारा तुम्हारी तुम्हारे उसका उसकी उसके इसका इसकी इसके उनका उनकी उनके "
        "अपना अपनी अपने बहुत नहीं न मत ऐसा ऐसी ऐसे बिना श्री श्रीमती डॉ"
    ),
    attached=_words("मैं तुम आप हम मैंने तुमने आपने हमने उसने उन्होंने बड़ा बड़ी बड़े छोटा छोटी छोटे नया नई नए अच्छा अच्छी अच्छे"),
    trailing=_words(
        "का के की को में से पर ने तक है हैं हूँ हूं हो था थे थी थीं होगा होगी होंगे हुआ हुई हुए गया गई गए "
        "गयी रहा रहे रही सकता सकते सकती चुका चुके चुकी दिया दी लिया ली चाहिए वाला वाले वाली भी ही तो ना "
        "जी लिए साथ बाद पहले ऊपर नीचे अंदर बाहर पास"
    ),
)

_CHINESE = Grammar(
    conjunctions=_words(
        "和 跟 与 或 或者 还是 但 但是 可是 不过 然而 因为 所以 因此 如果 要是 虽然 尽管 而 而且 并 并且 "
        "然后 于是 那么 只要 只有 除非 即使 當 因為 還是 雖然 儘管 於是 那麼"
    ),
    prepositions=_words("在 对 从 把 被 给 向 往 为 为了 关于 由 比 按照 根据 對 從 給 為 為了 關於"),
    determiners=_words(
        "不 没 没有 别 很 太 更 最 非常 这 那 哪 每 各 某 第 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 "
        "几 半 沒 沒有 這 萬 兩 幾"
    ),
    attached=_words(
        "我 你 您 他 她 它 我们 你们 他们 她们 咱们 是 会 能 要 想 可以 应该 必须 也 都 就 才 再 又 还 "
        "我們 你們 他們"
    ),
    trailing=_words(
        "的 地 得 了 着 过 吗 呢 吧 啊 呀 嘛 哦 们 里 上 下 中 时 时候 以后 以前 之后 之前 个 只 条 张 本 "
        "件 位 次 块 岁 年 月 日 号 点 分钟 小时 天 著 過 嗎 們 裡 時 後"
    ),
)

GRAMMARS = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "hi": _HINDI,
    "zh": _CHINESE,
}
