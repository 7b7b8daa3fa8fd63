"""A journey that did not run is a journey that failed: a skip or an expected failure counts as a failure."""

import pytest

MESSAGE = "a skipped journey is a failed journey"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped or hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{MESSAGE}: {item.nodeid}: {report.longrepr}"
        report.__dict__.pop("wasxfail", None)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    report = outcome.get_result()
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{MESSAGE}: {collector.nodeid}: {report.longrepr}"
