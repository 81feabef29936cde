"""`python -m simulation --seed 1 --years 100`: plays years, prints the shortest failing script."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import fields

from simulation.features import Features
from simulation.generate import generate
from simulation.mutants import MENDED, PLANTED
from simulation.sabotage import put_in
from simulation.shrink import report, shrink
from simulation.year import play


def main() -> int:
    """Play years; 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first year")
    parser.add_argument("--years", type=int, default=200, help="how many, seed by seed")
    parser.add_argument("--chapters", type=int, default=2, help="how long each is")
    parser.add_argument("--all", action="store_true", help="faults that are known to be there, too")
    parser.add_argument("--feature", action="append", default=[], help="one of those; repeatable")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first")
    parser.add_argument("--mutants", action="store_true", help="how many years find each fault")
    asked = parser.parse_args()
    if asked.mutants:
        return find_mutants(asked.seed, asked.years, asked.chapters)
    features = Features.all() if asked.all else Features.just(*asked.feature)
    failed, began = 0, time.process_time()
    for seed in range(asked.seed, asked.seed + asked.years):
        year = generate(seed, features, asked.chapters)
        fault = play(year, features)
        if fault is None:
            continue
        failed += 1
        sys.stdout.write(report(seed, *shrink(year, features, fault)) + "\n")
        sys.stdout.flush()
        if not asked.keep_going:
            break
    spent = time.process_time() - began
    sys.stdout.write(f"{seed - asked.seed + 1} years, {failed} failed, {spent:.0f} s of CPU\n")
    return 1 if failed else 0


def find_mutants(seed: int, years: int, chapters: int) -> int:
    """Print for each mutant how many random years find it; 1 if one is not found."""
    missed = 0
    for mutant in MENDED + PLANTED:
        known = mutant.name in {field.name for field in fields(Features)}
        features = Features.just(mutant.name) if known else Features()
        with put_in(mutant.patches):
            found = next(
                (
                    (number, fault)
                    for number in range(years)
                    if (fault := play(generate(seed + number, features, chapters), features))
                ),
                None,
            )
        missed += found is None
        told = "not found" if found is None else f"year {found[0] + 1}: {found[1].wrong[0]}"
        sys.stdout.write(f"{mutant.name}: {told}\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
