"""The programs: settings, secrets, logs, commands, demo."""
