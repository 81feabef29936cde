"""What all tests share: hypothesis may take its time, on a busy machine too."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_usual = settings.get_profile(settings.get_current_profile_name())
settings.register_profile(
    "unhurried", _usual, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
