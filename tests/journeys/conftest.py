"""Fixtures of the journeys: databases, servers, the browser and the people at it."""

import os
import pathlib
import re
import shutil
import uuid

import pytest
from playwright.sync_api import sync_playwright

import browser as browser_module
from clients.processes import Clients
from fusionauth_rig import Api
from relying_party import Callback, RelyingParty
from server import Databases, Doorward

pytest_plugins = ["strict"]

HERE = pathlib.Path(__file__).parent
ARTIFACTS = HERE / "artifacts"
DATABASES = ("sqlite", "postgres")


def pytest_addoption(parser):
    parser.addoption("--db", choices=DATABASES, help="run the journeys on this database only")


def pytest_generate_tests(metafunc):
    if "database" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        enough = DATABASES[:1] if metafunc.definition.get_closest_marker("any_database") else DATABASES
        metafunc.parametrize("database", [chosen] if chosen else enough, indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Journeys with more time than the others go first, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(ARTIFACTS, ignore_errors=True)
    (ARTIFACTS / "screens").mkdir(parents=True, exist_ok=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, f"report_{call.when}", outcome.get_result())


def failed(node):
    return any(getattr(node, f"report_{when}", None) and getattr(node, f"report_{when}").failed for when in ("setup", "call"))


@pytest.fixture(scope="session")
def database(request):
    return Databases(request.param)


def name_of(node):
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", node.name).strip("-")


def keep_log(server, name):
    if server.log_file.exists():
        shutil.copy(server.log_file, ARTIFACTS / f"{name}-server.log")


@pytest.fixture(scope="session")
def shared_server(database, tmp_path_factory):
    server = Doorward(tmp_path_factory.mktemp("shared") / "data", database.new_url(), ports=(0, 0)).start()
    yield server
    try:
        server.stop()
    finally:
        keep_log(server, f"shared-{database.kind}")


@pytest.fixture
def server(shared_server):
    """The server of the whole run. A journey makes its own people and applications on it, and leaves its policy
    and its clock alone: journeys that need to change those take `own_server`."""
    assert shared_server.process.poll() is None, f"the shared server has died:\n{shared_server.log_tail()}"
    return shared_server


@pytest.fixture
def new_server(database, tmp_path, request):
    started = []

    def start(**more):
        server = Doorward(tmp_path / f"data-{len(started)}", database.new_url(), **more)
        started.append(server)
        return server.start()

    yield start
    for number, server in enumerate(started):
        try:
            server.stop()
        finally:
            if failed(request.node):
                keep_log(server, f"{name_of(request.node)}-{number}")


@pytest.fixture
def own_server(new_server):
    return new_server()


@pytest.fixture
def api(server):
    """The FusionAuth accent's API, with a key; files about another API have an `api` of their own."""
    return Api(server)


@pytest.fixture
def own_api(own_server):
    return Api(own_server)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright):
    launched = browser_module.launch(playwright)
    yield launched
    launched.close()


@pytest.fixture
def person(chromium, request):
    """Makes people: `person()`, or `person(authenticator={...}, locale="de", java_script_enabled=False)`."""
    people = []

    def make(authenticator=None, context=None, **options):
        options = {"locale": "en-GB", "viewport": {"width": 1100, "height": 800}} | options
        made = browser_module.Person(
            context or chromium.new_context(**options),
            name=f"{name_of(request.node)}-{len(people)}",
            artifacts=ARTIFACTS,
            authenticator=authenticator,
            tracing=context is None,
        )
        people.append(made)
        return made

    yield make
    problems = [problem for made in people for problem in made.unexpected_problems()]
    for made in people:
        made.close(failed=failed(request.node) or bool(problems))
    assert not problems, "the browser complained:\n" + "\n".join(problems)


@pytest.fixture
def clients(tmp_path):
    """Starts the relying parties of `clients/`, and stops them."""
    running = Clients(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def email():
    return new_email()


def new_email(name="ada"):
    return f"{name}-{uuid.uuid4().hex[:10]}@example.com"


@pytest.fixture
def kills():
    return int(os.environ.get("DOORWARD_KILLS", "100"))


@pytest.fixture
def screens():
    return ARTIFACTS / "screens"


@pytest.fixture
def callback():
    listening = Callback()
    yield listening
    listening.stop()


@pytest.fixture
def relying_party(server, callback):
    """An application of the shared server that this journey has to itself."""
    client = server.admin.create_application(f"RP {callback.url}", [callback.url])
    return RelyingParty(server, client, callback.url)
