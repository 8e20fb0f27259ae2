"""The hours in which a source may be asked: two times of day, over midnight too; the same time twice means always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from one time of day until another, in the hospital's time zone."""

    opens: time
    closes: time
    zone: ZoneInfo

    def opens_at(self, now: datetime) -> datetime:
        """`now` while open, otherwise the next moment it opens."""
        here = now.astimezone(self.zone)
        if self._open(here.timetz().replace(tzinfo=None)):
            return now
        day = here.date() if here.time() < self.opens else here.date() + timedelta(days=1)
        return datetime.combine(day, self.opens, self.zone).astimezone(now.tzinfo)

    def _open(self, at: time) -> bool:
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes


def hours_of(text: str | None, zone: ZoneInfo) -> Hours | None:
    """The hours of a text like `20:00-06:00`, as the configuration has checked it; None for none."""
    if text is None:
        return None
    opens, closes = map(time.fromisoformat, text.split("-"))
    return Hours(opens, closes, zone)
