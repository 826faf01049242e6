"""Rounding figures as people do."""

from decimal import ROUND_HALF_UP, Decimal


def rounded(number: Decimal | float, places: int = 2) -> float:
    """Round to so many decimals, halves away from nought: 47.125 is 47.13, where Python's own `round` gives 47.12."""
    return float(Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
