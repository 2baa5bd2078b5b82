"""What should change: rules, presets, schedules, versions to choose from, the plan, the text of a change."""
