"""List the recognisers that are installed, or write down what one of them hears: dictate [NAME FILE.wav]."""

import sys
from importlib.metadata import entry_points

import soundfile


def main() -> None:
    specs = {}
    for point in entry_points(group="diffasr"):
        point.load().register_asr_models(lambda spec: specs.update({spec.name: spec}))
    if len(sys.argv) < 3:
        for spec in specs.values():
            print(spec.name, "ready" if spec.probe().ready else "not ready", spec.description, sep="\t")
        return
    name, path = sys.argv[1:3]
    samples, rate = soundfile.read(path, dtype="float32")
    model = specs[name].factory(specs[name].check_options({}, "load"))
    print(model.transcribe_long(samples, sample_rate=rate).text)
