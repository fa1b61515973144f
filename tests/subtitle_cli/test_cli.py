"""The command line as users type it, with a recogniser that counts, and real films and speech detection."""

import json

import pysubs2
import pytest

from diffasr_plugin.asr import ModelUnavailable, Readiness
from tests.support.fake_models import CountingModel, make_spec


def test_subtitles_lie_beside_the_film_named_by_language(diffsub, talking_film, tmp_path):
    film = tmp_path / "movie.mp4"
    film.write_bytes(talking_film.read_bytes())
    code, out, err = diffsub("movie.mp4", "--lang", "de", "--no-diarize")
    assert (code, out) == (0, "")
    cues = pysubs2.load(str(tmp_path / "movie.de.srt"))
    assert cues[0].plaintext.startswith("one")
    # Somebody speaks from 6.7 s on, for 23 s.
    assert cues[0].start == pytest.approx(6700, abs=400)
    assert "movie.de.srt" in err
    assert "× real time" in err


def test_the_answer_goes_to_standard_output_alone(diffsub, talking_film):
    code, out, err = diffsub(talking_film, "--lang", "en", "--no-diarize", "-o", "-")
    assert code == 0
    assert out.startswith("1\n00:00:0")
    assert "one two" not in err


def test_several_films_and_formats_go_to_a_folder(diffsub, talking_film, conversation, tmp_path):
    code, _, _ = diffsub(
        talking_film, conversation, "--lang", "en", "--no-diarize", "--format", "srt,vtt,json", "-o", "out"
    )
    assert code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        f"{film}.en.{suffix}" for film in ("demo", "sample") for suffix in ("json", "srt", "vtt")
    ]
    document = json.loads((tmp_path / "out" / "demo.en.json").read_text())
    assert document["model"] == "counting"
    assert document["options"] == {"steps": 16}


def test_existing_subtitles_are_left_alone_unless_told_otherwise(diffsub, talking_film, tmp_path):
    words = [talking_film, "--lang", "en", "--no-diarize", "-o", "kept.srt"]
    (tmp_path / "kept.srt").write_text("precious")
    code, _, err = diffsub(*words)
    assert (code, (tmp_path / "kept.srt").read_text()) == (0, "precious")
    assert "left alone" in err
    assert diffsub(*words, "--overwrite")[0] == 0
    assert "one" in (tmp_path / "kept.srt").read_text()


def test_the_language_is_detected(diffsub, specs, talking_film, tmp_path):
    class Detecting(CountingModel):
        def detect_languages(self, utterances):
            return [{"de": 0.7, "en": 0.3} for _ in utterances]

    specs[:] = [make_spec("detecting", Detecting)]
    code, _, err = diffsub(talking_film, "--no-diarize", "-o", "out")
    assert code == 0
    assert "the language is 'de' (64% of the vote)" in err
    assert (tmp_path / "out" / "demo.de.srt").exists()


class Bilingual(CountingModel):
    """Hears French in the second half of the film."""

    def detect_languages(self, utterances):
        return [{"de": 0.95, "fr": 0.05} if u.start_s < 15 else {"de": 0.05, "fr": 0.95} for u in utterances]


def test_a_second_language_is_heard_in_its_own(diffsub, specs, talking_film, tmp_path):
    specs[:] = [make_spec("bilingual", Bilingual, languages=("de", "fr"))]
    words = (talking_film, "--no-diarize", "-f", "json", "-o")
    for given, folder in (((), "found"), (("--lang", "de,fr"), "named")):
        code, _, err = diffsub(*words, folder, *given)
        assert code == 0, err
        cues = json.loads((tmp_path / folder / "demo.de.json").read_text())["cues"]
        spoken = {word["language"]: word["start_s"] for cue in cues for word in cue["words"]}
        assert spoken.keys() == {"de", "fr"}
        assert spoken["de"] < spoken["fr"]


def test_a_language_that_nobody_asked_for_loads_no_other_recogniser(diffsub, specs, talking_film):
    specs[:] = [make_spec("bilingual", Bilingual), make_spec("other", languages=("fr",))]
    code, _, err = diffsub(talking_film, "--no-diarize", "-o", "out")
    assert code == 0
    assert "in 'fr': --lang de,fr would hear" in err
    assert "recogniser: other" not in err


def test_without_detection_the_films_own_tag_counts(diffsub, german_film, tmp_path):
    code, _, _ = diffsub(german_film, "--no-diarize", "-o", "out")
    assert code == 0
    assert (tmp_path / "out" / "morgen.de.srt").exists()


def test_one_bad_film_does_not_stop_the_others_and_is_named_at_the_end(diffsub, talking_film, tmp_path):
    (tmp_path / "broken.mp4").write_text("this is not a film")
    code, _, err = diffsub(
        "broken.mp4", "gone.mkv", talking_film, "--lang", "en", "--no-diarize", "-o", "out"
    )
    assert code == 1
    assert (tmp_path / "out" / "demo.en.srt").exists()
    last = err.splitlines()[-3:]
    assert last[0] == "diffsub: 2 of 3 films failed:"
    assert last[1].startswith("diffsub: broken.mp4: ")
    assert last[2].startswith("diffsub: gone.mkv: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["film.mp4", "--backend", "countin"], "did you mean counting?"),
        (["film.mp4", "--lang", "xx-klingon-zz-9"], "is no language"),
        (["film.mp4", "--lang", "fr"], "does not know the language 'fr'; it knows: de, en"),
        (["film.mp4", "--task", "translate"], "does not do 'translate'"),
        (["film.mp4", "--set", "step=8", "--backend", "counting"], "did you mean steps?"),
        (["film.mp4", "--set", "steps=100", "--backend", "counting"], "'100' is above 48"),
        (["film.mp4", "--set", "steps"], "KEY=VALUE"),
        (["film.mp4", "--device", "cpu", "--set", "device=cpu"], "given twice"),
        (["film.mp4", "--format", "doc"], "no format is called 'doc'; known: srt, vtt, ass"),
        (["film.mp4", "--format", ","], "no format is called"),
        (["a.mp4", "b.mp4", "-o", "-"], "one film"),
        (["film.mp4", "--speakers", "0"], "--speakers"),
        (["film.mp4", "--min-speakers", "3", "--max-speakers", "2"], "3"),
        (["film.mp4", "--frobnicate"], "--frobnicate"),
        (["film.mp4", "--no-plugin", "nobody"], "no plugin is called 'nobody'"),
        (["backends", "countin"], "did you mean counting?"),
        (["models", "fetch", "pyannote-segmentation"], "did you mean pyannote-segmentation-3.0?"),
        ([], "Usage"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_clear_line(diffsub, words, message):
    code, out, err = diffsub(*words)
    assert code == 2
    assert message in out + err
    assert "Traceback" not in err


def test_a_recogniser_that_cannot_run_here_says_what_is_missing(diffsub, specs, talking_film):
    specs[:] = [make_spec("gpu-only", probe=lambda: Readiness(False, ("no GPU was found",)))]
    code, _, err = diffsub(talking_film, "--backend", "gpu-only", "--lang", "en", "--no-diarize", "-o", "-")
    assert code == 1
    assert "gpu-only" in err
    assert "no GPU was found" in err


@pytest.mark.parametrize("error", [ModelUnavailable("m", "out of luck"), RuntimeError("a bug")])
def test_whatever_a_recogniser_raises_nothing_half_written_stays(
    diffsub, specs, talking_film, tmp_path, error
):
    class Failing(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            raise error

    specs[:] = [make_spec("failing", Failing)]
    code, _, err = diffsub(talking_film, "--lang", "en", "--no-diarize", "-o", "out")
    assert code == 1
    assert str(error) in err
    assert "Traceback" not in err
    assert list((tmp_path / "out").iterdir()) == []


def test_ctrl_c_is_exit_code_130_and_leaves_nothing(diffsub, specs, talking_film, tmp_path):
    class Interrupted(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            raise KeyboardInterrupt

    specs[:] = [make_spec("interrupted", Interrupted)]
    code, _, err = diffsub(talking_film, "--lang", "en", "--no-diarize", "-o", "out")
    assert code == 130
    assert "interrupted" in err
    assert list((tmp_path / "out").iterdir()) == []


def test_plugins_and_backends_are_listed(diffsub):
    _, out, _ = diffsub("plugins")
    assert "left out: ImportError: gone" in out
    _, out, err = diffsub("backends")
    assert "counting" in out
    assert "warning: plugin 'broken' is left out: ImportError: gone" in err
    _, out, _ = diffsub("backends", "counting")
    assert "steps=int (default 16), per call: denoising steps" in out
    assert "device=auto|cpu (default auto), at loading" in out


def test_quiet_says_nothing_and_verbose_tells_stages(diffsub, talking_film):
    words = [
        talking_film,
        "--lang",
        "en",
        "--no-diarize",
        "--overwrite",
        "-o",
        "out",
        "--no-plugin",
        "broken",
    ]
    assert diffsub(*words, "-q")[2] == ""
    assert "recognising: " in diffsub(*words, "-v")[2]


def test_models_are_listed_with_size_licence_and_origin(diffsub):
    _, out, _ = diffsub("models", "list")
    header, *rows = out.splitlines()
    assert header.split()[:3] == ["name", "size", "here"]
    assert rows
    assert all("MB" in row for row in rows)


def test_a_bug_in_one_film_does_not_cost_the_others_theirs(
    diffsub, specs, talking_film, conversation, tmp_path
):
    class FailingOnce(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            if not self.batches:
                self.batches.append(0)
                raise RuntimeError("a bug")
            return super().transcribe_batch(utterances, options, **callbacks)

    specs[:] = [make_spec("failing-once", FailingOnce)]
    code, _, err = diffsub(talking_film, conversation, "--lang", "en", "--no-diarize", "-o", "out")
    assert code == 1
    assert "1 of 2 films failed" in err
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["sample.en.srt"]
