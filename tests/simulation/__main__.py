"""`python -m simulation --seed 1 --years 100`: plays years, prints the shortest failing script."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import fields

from simulation.checked import MUTANTS, find_fault
from simulation.features import Features
from simulation.generate import generate
from simulation.sabotage import put_in
from simulation.together import MOST, place_of, together
from simulation.year import faults


def main() -> int:
    """Play years; 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first year")
    parser.add_argument("--years", type=int, default=200, help="how many, seed by seed")
    parser.add_argument("--chapters", type=int, default=2, help="how long each is")
    parser.add_argument(
        "--together", type=int, default=MOST, help=f"years in one house, at most {MOST}"
    )
    parser.add_argument("--all", action="store_true", help="faults that are known to be there, too")
    parser.add_argument("--feature", action="append", default=[], help="one of those; repeatable")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first")
    parser.add_argument("--mutants", action="store_true", help="how many years find each fault")
    asked = parser.parse_args()
    if asked.mutants:
        return find_mutants(asked.seed, asked.years, asked.chapters, asked.together)
    features = Features.all() if asked.all else Features.just(*asked.feature)
    failed, played, began = 0, 0, time.process_time()
    for first in range(asked.seed, asked.seed + asked.years, asked.together):
        seeds = range(first, min(first + asked.together, asked.seed + asked.years))
        years = {f"seed {seed}": generate(seed, features, asked.chapters) for seed in seeds}
        told = find_fault(years, features, most=120)
        played += len(seeds)
        if not told:
            continue
        failed += 1
        sys.stdout.write(told + "\n")
        sys.stdout.flush()
        if not asked.keep_going:
            break
    spent = time.process_time() - began
    sys.stdout.write(f"{played} years, {failed} houses failed, {spent:.0f} s of CPU\n")
    return 1 if failed else 0


def find_mutants(seed: int, years: int, chapters: int, at_once: int) -> int:
    """Print for each mutant how many random years find it; 1 if none does."""
    missed = 0
    for mutant in MUTANTS.values():
        known = mutant.name in {field.name for field in fields(Features)}
        features = Features.just(mutant.name) if known else Features()
        found: set[int] = set()
        with put_in(mutant.patches):
            for first in range(seed, seed + years, at_once):
                seeds = range(first, min(first + at_once, seed + years))
                house = together([generate(each, features, chapters) for each in seeds])
                said = [each for fault in faults(house, features) for each in fault.wrong]
                found |= {first + (place_of(each) or 0) for each in said}
        missed += not found
        sys.stdout.write(f"{mutant.name}: {len(found)} of {years} years\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
