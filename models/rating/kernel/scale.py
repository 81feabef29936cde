"""The whole numbers that stand for quantities, prices, tax rates and instants."""

NONE = -(2**63)  # not stated; no quantity, price or instant comes near it

UNSTATED = -1  # a quantity that is there, or more of it, and that nobody stated

UNIT = 3_600_000_000_000
"""Parts in one kWh, one hour or one piece.

A part of an hour is a nanosecond, so whole seconds and hours of nine decimals are both exact;
kilowatt hours and pieces use the same number so that one multiplication serves them all.
"""

NANO = 3_600  # parts in a billionth of a unit: what the last of nine decimals is worth

MICRO = 1_000_000  # millionths in one: money, prices, kW and A are counted in millionths

SECOND = 1_000_000_000  # parts of an hour in a second

WATT_HOUR = 3_600_000_000  # parts of a kWh in a Wh

PER_CENT = 10_000  # a tax rate counts millionths of the net amount: 1 % is 10,000

SECOND_US = 1_000_000  # microseconds in a second: instants count microseconds since 1970, UTC

DAY_US = 86_400 * SECOND_US  # microseconds in a day

MAX_QUANTITY = 1_000_000 * UNIT
"""The largest quantity that is priced: a million kWh or hours. Sums of two still fit 64 bits."""

MAX_PRICE = 2_500_000 * MICRO
"""The largest unit price: with `MAX_QUANTITY` a product's pieces still fit 64 bits."""

MAX_RATE = MICRO  # the largest tax rate: 100 %

NARROW = (3_000_000 * MICRO, 4_000_000_000_000_000_000)
"""(largest amount, largest denominator) of exact arithmetic in 64 bits."""

WIDE = (10**18 - 1, 10**200)
"""The same for Python's integers: what the columns of the warehouse can hold."""

UNBOUNDED = (2**62, 1)  # bounds for a `product` that is only compared
