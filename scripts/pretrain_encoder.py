"""Pretrain the encoder on raw text; run again, it goes on from its last checkpoint.

python scripts/train_tokenizer.py -o models/encoder
python scripts/pretrain_encoder.py --run build/encoder --minutes 150
python scripts/pretrain_encoder.py --run build/encoder --export models/encoder
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from pathlib import Path

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from tokenizers import Tokenizer

from policyextract.training import pretrain as loop
from policyextract.training.embeddings import vectors
from policyextract.training.export import held_out, machine, plot, take_up, write_figures, write_model
from policyextract.training.objectives import Masker, Objective, build
from policyextract.training.packing import Pools, pack
from policyextract.training.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Pack the text, train, and write the log."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--settings", type=Path, default=ROOT / "scripts" / "pretrain_encoder.toml")
    options.add_argument("--text", type=Path, nargs="+", default=[ROOT.parent / "shared" / "data" / "text"])
    options.add_argument("--tokenizer", type=Path, default=ROOT / "models" / "encoder" / "tokenizer.json")
    options.add_argument(
        "--packed", type=Path, default=ROOT / "build" / "packed", help="where windows are kept"
    )
    options.add_argument("--run", type=Path, default=ROOT / "build" / "encoder", help="log and checkpoint")
    options.add_argument(
        "--minutes", type=float, help="budget of training time, instead of the settings' one"
    )
    options.add_argument("--start", type=Path, help="begin with the weights of this exported folder")
    options.add_argument("--export", type=Path, help="train no more; write the checkpoint's model here")
    options.add_argument("--threads", type=int, help="of torch")
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = options.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    settings = load_settings(given.settings, minutes=given.minutes)
    tokenizer = Tokenizer.from_file(str(given.tokenizer))
    pools = pack(given.tokenizer, given.text, given.packed, window=settings.window)
    for (kind, language), windows in pools.items():
        print(f"{kind:9}{language}: {len(windows):,} windows of {settings.window} pieces")
    objective = build(settings, tokenizer)
    size = sum(weight.numel() for weight in objective.module.parameters())
    print(f"{size:,} parameters")
    if given.export:
        export(objective, pools, settings, given)
        return
    if given.start:
        take_up(objective.module, given.start)
    elif settings.embeddings == "ppmi" and not (given.run / "checkpoint").exists():
        table = objective.model().get_input_embeddings().weight
        start = vectors(
            pools, *table.shape, scale=objective.model().config.initializer_range, seed=settings.seed
        )
        table.data.copy_(torch.from_numpy(start))
    masker = Masker(tokenizer, settings.mask, always_mask=objective.always_mask)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[text]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as bar:
        task = bar.add_task("pretrain", total=1.0, text="")

        def report(progress: loop.Progress, loss: float) -> None:
            text = f"{progress.pieces / 1e6:.2f} M pieces, loss {loss:.3f}"
            bar.update(task, completed=progress.share(settings), text=text)

        loop.pretrain(objective, pools, masker, settings, given.run, device=given.device, report=report)


def export(objective: Objective, pools: Pools, settings: Settings, given: argparse.Namespace) -> None:
    """Write the model, its curve and its figures."""
    progress = loop.restore(objective, settings, given.run)
    write_model(objective.model(), given.export)
    if given.tokenizer.parent.resolve() != given.export.resolve():
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(given.tokenizer.with_name(name), given.export / name)
    shutil.copy(given.run / "log.csv", given.export / "log.csv")
    plot(given.run / "log.csv", given.export / "curve.png")
    pieces = {f"{kind}_{language}": windows.size for (kind, language), windows in pools.items()}
    figures = {
        "parameters": sum(weight.numel() for weight in objective.model().parameters()),
        "steps": progress.step,
        "pieces_seen": progress.pieces,
        "minutes": round(progress.seconds / 60, 1),
        "machine": machine(),
        "pieces_in_pools": pieces,
        "settings": dataclasses.asdict(settings),
    }
    if settings.objective == "mlm":
        figures["held_out"] = held_out(given.export, pools, share=settings.mask, device=given.device)
    write_figures(given.export, figures)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
