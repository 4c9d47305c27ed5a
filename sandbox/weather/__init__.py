"""Injected failure: ``faults`` says which there are, ``plan`` when they strike, ``wind`` carries them out."""

from sandbox.weather.plan import Gust
from sandbox.weather.wind import App, Weather

__all__ = ["App", "Gust", "Weather"]
