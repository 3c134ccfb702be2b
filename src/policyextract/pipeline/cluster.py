"""A Ray cluster: one that is there, or one of this machine's own for the time of a run."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

from policyextract.errors import PolicyExtractError

__all__ = ["connected"]

_PATIENCE = 5.0  # seconds in which a machine must answer at the address
_STDERR = 2
_STORE = 256 * 2**20  # bytes; what is on its way between processes is small
# Nothing is sent to those who make Ray, and where memory runs out the system ends the process that reads, which
# costs one document, not Ray the process above it, which would cost all that it holds and be tried again.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_memory_monitor_refresh_ms": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


@contextmanager
def connected(address: str | None, cores: int) -> Iterator[None]:
    """A connection to the cluster at ``address``, which "auto" looks for on this machine.

    Without an address it is the one that RAY_ADDRESS names, else a cluster of this machine alone that ends with the
    connection. A connection that this process has already is used and left as it is. Raises PolicyExtractError if Ray
    is not installed or no cluster can be reached.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise PolicyExtractError(
            f"the engine ray is not installed ({error}); pip install 'policyextract[ray]', on each machine of the cluster"
        ) from error
    if ray.is_initialized():
        yield
        return
    address = address or os.environ.get("RAY_ADDRESS")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    with _folder(address is None) as folder, _silence():
        try:
            if address is None or address == "local":
                with _no_notes():
                    _start(ray, cores, folder, quiet)
            else:
                _look(address)
                with _no_notes():
                    ray.init(address=address, **quiet)
        except (OSError, RuntimeError, ValueError) as error:
            raise PolicyExtractError(_unreachable(address, error)) from error
        try:
            yield
        finally:
            ray.shutdown()


def _start(ray: Any, cores: int, folder: str | None, quiet: dict[str, Any]) -> None:
    """A cluster that only this machine can reach."""
    ray.init(
        address="local",
        num_cpus=cores,
        num_gpus=0,
        include_dashboard=False,
        object_store_memory=_STORE,
        _node_ip_address="127.0.0.1",
        _temp_dir=folder,
        **quiet,
    )


def _look(address: str) -> None:
    """Raises OSError if nobody answers at an address, for Ray would go on asking for a minute."""
    if address == "auto":
        return
    if "://" in address:
        raise ValueError("ray:// is not taken; give host:port, and run this on a machine of the cluster")
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("an address is host:port, or auto")
    socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()


def _unreachable(address: str | None, error: Exception) -> str:
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if address is None or address == "local":
        return f"no Ray cluster can be started on this machine: {first}"
    return (
        f"no Ray cluster can be reached at {address}: {first}; give --ray-address as host:port of the head, which "
        "`ray status` tells there, or none for a cluster of this machine alone"
    )


@contextmanager
def _folder(wanted: bool) -> Iterator[str | None]:
    """A folder for what a cluster writes down, where paths are short enough for its sockets; removed at the end."""
    if not wanted or not Path("/tmp").is_dir():
        yield None
        return
    folder = tempfile.mkdtemp(prefix="pe-ray-", dir="/tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _silence() -> Iterator[None]:
    """Ray says nothing of its own but errors; what matters of them rises."""
    loggers = [logging.getLogger(name) for name in ("ray", "ray.data")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def _no_notes() -> Iterator[None]:
    """What is not of Python finds no terminal to write to: Ray's own part notes there how it is set up."""
    if sys.stderr is not sys.__stderr__ or sys.stderr is None or sys.stderr.fileno() != _STDERR:
        yield
        return
    sys.stderr.flush()
    true, nowhere = os.dup(_STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    try:
        with (
            open(true, "w", encoding=sys.stderr.encoding, errors=sys.stderr.errors, closefd=False) as out,
            redirect_stderr(out),
        ):
            yield
    finally:
        os.dup2(true, _STDERR)
        os.close(true)
        os.close(nowhere)
