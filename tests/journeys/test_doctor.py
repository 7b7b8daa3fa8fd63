"""`doorward doctor` beside a running `doorward dev`."""

import os
import socket
import subprocess



def doctor(server, ports, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")}
    command = server.command("doctor") + ["--http-port", str(ports[0]), "--https-port", str(ports[1])]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=clean | environment)


def test_it_says_what_is_missing_and_how_to_mend_it(own_server):
    ca_file = own_server.info["ca_file"]
    told = doctor(own_server, own_server.ports)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"Doorward answers on http://localhost:{own_server.ports[0]}" in told.stdout
    assert f"export SSL_CERT_FILE={ca_file}" in told.stdout
    assert "the certificate names pro-1.localhost" in told.stdout
    told = doctor(own_server, own_server.ports, SSL_CERT_FILE=ca_file)
    assert f"export SSL_CERT_FILE={ca_file}" not in told.stdout
    assert "SSL_CERT_FILE names it" in told.stdout
    told = doctor(own_server, own_server.ports, SSL_CERT_FILE="/etc/hosts")
    assert f"export SSL_CERT_FILE={ca_file}" in told.stdout


def test_a_project_that_the_certificate_does_not_name_is_found(own_server):
    own_server.admin.request(
        "POST", "/applications", json={"name": "New", "client_id": "pro-77", "accent": "corbado"}
    )
    told = doctor(own_server, own_server.ports)
    assert told.returncode != 0
    assert "MEND  the certificate does not name pro-77.localhost" in told.stdout
    own_server.stop()
    own_server.start()
    assert "the certificate names pro-77.localhost" in doctor(own_server, own_server.ports).stdout


def test_a_port_of_another_program_is_told(own_server):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        told = doctor(own_server, (port, own_server.ports[1]))
    assert told.returncode != 0
    assert f"MEND  port {port} is taken by another program" in told.stdout
