"""`intramuros demo`: the main job of the product, end to end, on this machine."""

from __future__ import annotations

import argparse
import faulthandler
import shutil
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from deploy.demo.films import Site, read_sites
from deploy.demo.headquarters import Headquarters
from deploy.demo.hospital import Hospital
from deploy.demo.patience import patient
from deploy.demo.phantoms.folder import write_phantoms
from deploy.demo.plan import Schedule
from deploy.demo.processes import Processes, StepFailed, free_ports
from deploy.demo.readers import ERROR_RATE
from deploy.demo.report import Report, machine, table, versions
from deploy.demo.steps import Progress
from deploy.demo.walk import Walk, is_ok

FILMS = Schedule(rounds=24, local_steps=30, batch_size=16, learning_rate=0.02, weight_decay=0.001)
PHANTOMS = Schedule(rounds=10, local_steps=20, batch_size=4, learning_rate=0.007, weight_decay=0.001)
_EXIT_FAILED, _EXIT_INTERRUPTED = 1, 130


def main() -> int:
    """Walk the main job; the exit status says whether all of it held."""
    options = _read_options()
    signal.signal(signal.SIGTERM, _interrupt)
    faulthandler.register(signal.SIGUSR1)  # `kill -USR1` tells where each thread stands
    work = options.work.resolve()
    progress, report = Progress(), Report(versions=versions(), machine=machine(), seed=options.seed)
    processes, walk = Processes(work / "logs"), None
    try:
        walk = _prepare(options, work, processes, progress, report)
        walk.run()
        report.ok = is_ok(report)
    except StepFailed as step_failure:
        failure = processes.cause_of(step_failure)
        report.failed = f"{progress.current}: {failure.process}: {failure.reason}"
        _explain(progress, processes, failure)
    except Exception as error:  # noqa: BLE001 - whatever failed, the step is named and nothing is left running
        report.failed = f"{progress.current}: {type(error).__name__}"
        (work / "logs" / "demo.log").write_text(traceback.format_exc(), encoding="utf-8")
        _explain(progress, processes, StepFailed(type(error).__name__))
    except KeyboardInterrupt:
        report.failed = f"{progress.current}: interrupted"
        print("\ninterrupted: ending every process", file=sys.stderr)
        return _EXIT_INTERRUPTED
    finally:
        report.seconds, report.step_seconds = round(progress.elapsed_seconds, 1), progress.seconds
        report.write(options.report)
        if not (options.keep and report.ok):
            processes.end_all()
    return _conclude(report, options, None if report.failed else walk, processes)


def _read_options() -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args()
    try:
        patient(1)
    except ValueError as error:
        parser.error(str(error))
    return options


def _prepare(options: argparse.Namespace, work: Path, processes: Processes, progress: Progress, report: Report) -> Walk:
    for folder in ("homes", "capture", "release", "recorder", "logs"):
        shutil.rmtree(work / folder, ignore_errors=True)
    (work / "logs").mkdir(parents=True)
    images = options.images
    if images is None:
        with progress.step("phantoms"):
            images = work / "phantoms"
            shutil.rmtree(images, ignore_errors=True)
            write_phantoms(images, options.phantom_seed)
    if not images.is_dir():
        raise StepFailed(f"--images {images} is not a folder")
    sites = read_sites(images)
    report.reader_error_rate = ERROR_RATE
    headquarters, hospitals, ports = _places(work / "homes", sites)
    schedule = PHANTOMS if options.images is None else FILMS
    if options.rounds:
        schedule = Schedule(**{**_fields(schedule), "rounds": options.rounds})
    seeds = tuple(options.seed + number for number in range(options.seeds))
    return Walk(images, sites, work, schedule, seeds, processes, progress, report, headquarters, hospitals, ports)


def _places(homes: Path, sites: tuple[Site, ...]) -> tuple[Headquarters, tuple[Hospital, ...], dict[str, int]]:
    ports = iter(free_ports(4 + 4 * len(sites)))
    headquarters = Headquarters(homes / "coordinator", homes / "partner", next(ports), next(ports), next(ports))
    recorder = {"control": next(ports)}
    hospitals = []
    for site in sites:
        hospitals.append(Hospital(site, homes / site.name, next(ports), next(ports), next(ports)))
        recorder[site.name] = next(ports)
    return headquarters, tuple(hospitals), recorder


def _fields(schedule: Schedule) -> dict[str, float | int]:
    return {name: getattr(schedule, name) for name in Schedule.__dataclass_fields__}


def _explain(progress: Progress, processes: Processes, failure: StepFailed) -> None:
    log = failure.log or processes.log_of(failure.process)
    print(
        f"\nfailed at: {progress.current}\nprocess:   {failure.process}\nreason:    {failure.reason}", file=sys.stderr
    )
    print(f"log:       {log if log.exists() else log.parent}", file=sys.stderr)


def _conclude(report: Report, options: argparse.Namespace, walk: Walk | None, processes: Processes) -> int:
    if walk is not None:
        print(table(report))
        print(f"\nreport: {options.report}   {report.seconds:.0f} s   {'all held' if report.ok else 'NOT ALL HELD'}")
    if options.keep and report.ok and walk is not None:
        _keep(walk, processes)
    return 0 if report.ok else _EXIT_FAILED


def _keep(walk: Walk, processes: Processes) -> None:
    print("\nleft running; Ctrl-C ends everything\n")
    print(f"  coordinator  {walk.headquarters.operator_address}  log-in {walk.headquarters.login_code()}")
    for hospital in walk.hospitals:
        for name, code in hospital.fresh_codes().items():
            print(f"  {hospital.name:<12} {hospital.address}  {name:<9} log-in {code}")
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("\nending every process")
    finally:
        processes.end_all()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="intramuros demo",
        description=(
            "Starts a coordinator and hospital nodes on this machine and walks the main job once: images in, blind "
            "readings, consensus, an approved training plan, federated rounds through the gate, a signed release."
        ),
    )
    parser.add_argument("--images", type=Path, help="a folder with site-* folders of DICOM files and labels.csv")
    parser.add_argument("--report", type=Path, default=Path("var/demo/report.json"), help="where the report goes")
    parser.add_argument("--work", type=Path, default=Path("var/demo"), help="where homes, logs and captures go")
    parser.add_argument("--keep", action="store_true", help="leave everything running and print the log-ins")
    parser.add_argument("--rounds", type=int, default=0, help="another number of rounds than the plan's usual")
    parser.add_argument("--seed", type=int, default=20_261_122, help="the plan's seed")
    parser.add_argument("--seeds", type=_count, default=1, help="walk so many plans, each with the next seed")
    parser.add_argument("--phantom-seed", type=int, default=1, help="which phantoms are drawn")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    raise SystemExit(main())
