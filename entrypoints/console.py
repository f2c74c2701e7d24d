"""What commands print."""

from collections.abc import Iterator, Sequence

from tickets.sync import SyncReport


def report_lines(reports: Sequence[SyncReport]) -> Iterator[str]:
    """One line a mailbox, and one for each reason to skip."""
    if not reports:
        yield "No mailbox is configured, or all are paused. Use `communication-agent mailbox add` or `mailbox resume`."
    for report in reports:
        if report.busy:
            yield f"{report.address}: another process is syncing it at the moment"
            continue
        counted = ("opened", "appended", "automatic", "skipped", "quarantined", "failed")
        yield f"{report.address}: " + ", ".join(f"{name} {getattr(report, name)}" for name in counted)
        for reason, count in sorted(report.reasons.items()):
            yield f"  skipped {count}: {reason}"
        if report.unfinished:
            yield "  there is more to read; the next sync goes on"
        if report.error:
            yield f"  {report.error}"
