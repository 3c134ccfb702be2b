"""A corpus → what comes of its documents, worked on by the machines of a Ray cluster."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from functools import partial
from typing import Any

from policyextract.errors import PolicyExtractError
from policyextract.pipeline.cluster import connected
from policyextract.pipeline.station import Came, Job, Ledger, Sent, Station, opened, packed, unpacked

__all__ = ["spread"]

_BATCH = 8  # files that go to an actor at once: what a machine that dies may cost
_SHARES = 4  # batches per core at least, so that all have work to the end
_BLOCK = 64 * 2**10  # bytes after which the lines of a JSON Lines file go to another actor


def spread(
    files: list[Sent], job: Job, *, workers: int | None, cores: int, address: str | None, many: bool
) -> Generator[Came, None, None]:
    """What came of each document, in order of files and of the documents in them.

    ``workers`` actors at most, as many as the cluster has cores if None; ``many`` says that a file may hold many
    documents. Raises PolicyExtractError if the cluster cannot be reached, or fails.
    """
    with connected(address, workers or cores):
        import ray

        try:
            with closing(_stream(files, job, workers, many)) as stream:
                last = -1
                for came in stream:
                    if came.error is not None:
                        raise came.error
                    if not last <= came.number <= last + 1:
                        raise PolicyExtractError(
                            "Ray lost a part of the corpus; the same command goes on from here"
                        )
                    last = came.number
                    yield came
        except ray.exceptions.RayError as error:
            said = str(error).strip().splitlines()
            raise PolicyExtractError(
                f"the Ray cluster failed ({type(error).__name__}: {said[-1] if said else ''}); the same command goes "
                "on from here"
            ) from error


def _stream(files: list[Sent], job: Job, workers: int | None, many: bool) -> Generator[Came, None, None]:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    ledger = ray.remote(Ledger).options(num_cpus=0, scheduling_strategy=here).remote()
    known: Any = ray  # its own functions are not typed
    cores = workers or max(1, int(known.cluster_resources().get("CPU", 1)))
    batch = max(1, min(_BATCH, len(files) // (cores * _SHARES)))
    rows = [{"row": packed([sent])["row"][0]} for sent in files]
    data: Any = ray.data.from_items(rows, override_num_blocks=-(-len(files) // batch))
    _settle(data.context)
    if many:
        data = data.map_batches(partial(opened, job.root), batch_size=None, num_cpus=0, concurrency=cores)
    data = data.map_batches(
        Station,
        fn_constructor_args=(job, ledger),
        batch_size=None,
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers or cores),
    )
    for batch_ in data.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=1):
        yield from unpacked(batch_)


def _settle(context: Any) -> None:
    """Results in order, small blocks, no words on the terminal."""
    context.execution_options.preserve_order = True
    context.target_max_block_size = _BLOCK
    context.target_min_block_size = 1
    context.enable_progress_bars = False
    context.enable_auto_log_stats = False
    context.print_on_execution_start = False
