"""Answers for the tests, in the environment of the real label-studio-sdk, whose pins ours cannot meet.

The first argument is the file of the labelling configuration. Each line of input is a JSON array, of which each line of
output is the answer: ``["errors", prediction]`` gives what the label interface objects to, ``["convert", file,
folder]`` the tasks of an export as the converter writes them in its format JSON_MIN.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface


def main() -> None:
    """Answer until the input ends."""
    configuration = Path(sys.argv[1]).read_text("utf-8")
    interface = LabelInterface(configuration)
    interface.validate()
    answers, sys.stdout = sys.stdout, sys.stderr  # what the packages print is no answer
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        what, *given = json.loads(line)
        if what == "errors":
            answer: Any = interface.validate_prediction(given[0], return_errors=True)
        else:
            Converter(config=configuration, project_dir=None).convert(
                given[0], given[1], "JSON_MIN", is_dir=False
            )
            [converted] = Path(given[1]).iterdir()
            answer = json.loads(converted.read_text("utf-8"))
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
