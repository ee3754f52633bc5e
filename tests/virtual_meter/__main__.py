"""`python -m virtual_meter`: a virtual meter until Ctrl-C."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

from .arguments import fault, number
from .faults import FAULTS
from .line import Exchange
from .meter import Answering, VirtualMeter
from .models import MODELS
from .replay import Replay
from .running import RunningMeter
from .terminal import LinkError

REPLAY = "vectors"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list_models:
        for name, model in MODELS.items():
            print(f"{name:8}  {model.description}, {len(model.numbers)} registers")
        print(f"{REPLAY:8}  recorded frames, each reply to its exact request only")
        return 0
    if options.list_faults:
        for name, kind in FAULTS.items():
            unit = f" [{kind.parameter.name}: {kind.parameter.default:g}]" if kind.parameter else ""
            print(f"{name:15}  {kind.description}{unit}")
        return 0
    # From the symlink's making until the handlers are there, signals wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        running = RunningMeter(
            _meter(options),
            link=options.link,
            faults=options.fault,
            seed=options.seed,
            strict=not options.lenient,
            on_exchange=_show if options.verbose else None,
        )
    except LinkError as error:
        parser.error(f"argument --link: {error}")
    with running:
        for number in SIGNALS:
            signal.signal(number, lambda *_: running.stop())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        print(f"{options.model} answers on {running.port} (1200 baud, 8N2); Ctrl-C ends it")
        sys.stdout.flush()
        running.finished.wait()
        # A second Ctrl-C must not disturb the closing.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    return 0


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="virtual_meter", description="A Kamstrup MULTICAL heat meter on a pseudo terminal."
    )
    parser.add_argument(
        "--model",
        choices=(*MODELS, REPLAY),
        default="403-kwh",
        help="the kind of meter (default: %(default)s)",
    )
    parser.add_argument(
        "--link",
        metavar="PATH",
        help="symlink to make for the port; ESPHome's host UART takes only paths of two parts, "
        "such as /tmp/multical-meter (default: none)",
    )
    parser.add_argument(
        "--delay-ms",
        metavar="MS",
        type=number("a number of milliseconds from 0 to 60000", 0, 60_000),
        default=80.0,
        help="from the end of a request to the start of the reply (default: %(default)g)",
    )
    parser.add_argument(
        "--speed",
        metavar="FACTOR",
        type=number("a factor from 0.001 to 3600", 0.001, 3600),
        default=1.0,
        help="how much faster than real time the meter's clock runs (default: %(default)g)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="another seed, another course and other strikes of the faults (default: %(default)s)",
    )
    parser.add_argument(
        "--fault",
        metavar="NAME[:PROBABILITY[:PARAMETER]]",
        type=fault,
        action="append",
        default=[],
        help="let it misbehave, with a probability per request from 0 to 1 (default: 1) and what "
        "--list-faults shows as the fault's parameter; may be given several times",
    )
    parser.add_argument(
        "--lenient",
        action="store_true",
        help="hear requests with gaps in them, and those soon after one with a wrong CRC",
    )
    parser.add_argument("--verbose", action="store_true", help="print requests and replies")
    parser.add_argument("--list-models", action="store_true", help="print the models and end")
    parser.add_argument("--list-faults", action="store_true", help="print the faults and end")
    return parser


def _meter(options: argparse.Namespace) -> Answering:
    delay = options.delay_ms / 1000
    if options.model == REPLAY:
        return Replay(delay=delay)
    start = datetime.now().replace(microsecond=0)
    return VirtualMeter(
        options.model, delay=delay, speed=options.speed, seed=options.seed, start=start
    )


def _show(exchange: Exchange) -> None:
    print(f"request  {exchange.request.hex(' ').upper()}")
    if exchange.reply is None:
        print(f"silence  {exchange.silence}")
    else:
        values = "  ".join(f"{r.register}={r.value} (unit {r.unit})" for r in exchange.readings)
        print(f"reply    {exchange.reply.hex(' ').upper()}  {values}".rstrip())
    if exchange.fault:
        sent = exchange.sent.hex(" ").upper() or "nothing"
        print(f"fault    {exchange.fault}: {sent}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
