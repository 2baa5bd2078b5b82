"""The ``schedule:`` presets: one table, each with a twin for merging."""

from collections.abc import Mapping

from gitops_ci.update.presets.preset import Preset

_TIMES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "daily": ("before 4 in the morning", ("* 0-3 * * *",)),
    "earlyMondays": ("before 4 on Mondays", ("* 0-3 * * 1",)),
    "weekly": ("before 4 on Mondays", ("* 0-3 * * 1",)),
    "weekdays": ("Monday to Friday", ("* * * * 1-5",)),
    "weekends": ("Saturday and Sunday", ("* * * * 0,6",)),
    "officeHours": ("8 to 18 on weekdays", ("* 8-17 * * 1-5",)),
    "nonOfficeHours": ("weekdays from 22 to 5, and weekends", ("* 0-4,22-23 * * 1-5", "* * * * 0,6")),
    "monthly": ("before 4 on the first of a month", ("* 0-3 1 * *",)),
    "quarterly": ("on the first of a quarter", ("* * 1 */3 *",)),
    "yearly": ("on the first of January", ("* * 1 */12 *",)),
}

SCHEDULES: Mapping[str, Preset] = {
    **{
        f"schedule:{name}": Preset(f"Propose {when}.", {"schedule": list(cron)})
        for name, (when, cron) in _TIMES.items()
    },
    **{
        f"schedule:automerge{name[0].upper()}{name[1:]}": Preset(f"Merge {when}.", {"automergeSchedule": list(cron)})
        for name, (when, cron) in _TIMES.items()
    },
}
