"""A simulated year with an auditor: a world of partners, what people do, and independent books.

| module | what it is |
|---|---|
| `steps` | everything that can happen, as values that print as a script |
| `features` | what a year may contain; a switch for each fault that the product had |
| `objects` | the objects that partners publish, as they write them |
| `world` | the partners as they are: applies what happens on their side |
| `partner` | serves a world over OCPI, with its faults, and writes down what it served |
| `generate` | a setup and a sequence of steps from a seed |
| `changes` | the part of it that happens at partners |
| `driver` | a house of the product in that world |
| `stand_ins` | what takes the place of HTTP, clock and Dagster in it |
| `auditor` | keeps its own books from what was served and decided, and compares |
| `year` | plays a sequence against the product and the auditor |
| `together` | puts several years into one house, so that they share what a run costs |
| `checked` | years as a test |
| `shrink` | cuts a failing sequence down to a few steps |
| `mutants` | faults to put back, each with its year; the instrument must find each |
| `leaving`, `planted` | more of them: of partners that left, and faults that never were |
| `sabotage` | what puts them into the product |
"""
