"""Prepares a server for the Flask application, step for step as the vendor's tutorial does: issuer, key, application, user,
registration. Where things are comes by environment: FUSIONAUTH_URL FUSIONAUTH_API_KEY APP_URL."""

import os
import sys

from fusionauth.fusionauth_client import FusionAuthClient

URL = os.environ["FUSIONAUTH_URL"]
APP_URL = os.environ["APP_URL"]
APPLICATION = "e9fdb985-9173-4e01-9d73-ac2d60d1dc8e"
KEY = "356a6624-b33c-471a-b707-48bbfcfbc593"


def good(answer, complaint):
    if not answer.was_successful():
        sys.exit(f"{complaint}: {answer.status} {answer.error_response}")
    return answer.success_response


def main():
    client = FusionAuthClient(os.environ["FUSIONAUTH_API_KEY"], URL)
    tenant = good(client.retrieve_tenants(), "no tenants")["tenants"][0]
    good(client.patch_tenant(tenant["id"], {"tenant": {"issuer": URL}}), "the tenant was not changed")
    key = {"algorithm": "RS256", "name": "For the example", "length": 2048}
    good(client.generate_key({"key": key}, KEY), "could not make the RSA key")
    application = {
        "name": "Example",
        "oauthConfiguration": {
            "authorizedRedirectURLs": [APP_URL + "/callback"],
            "requireRegistration": True,
            "enabledGrants": ["authorization_code", "refresh_token"],
            "logoutURL": APP_URL + "/logout",
            "clientSecret": "change-this-in-production-to-be-a-real-secret",
        },
        "jwtConfiguration": {"enabled": True, "accessTokenKeyId": KEY, "idTokenKeyId": KEY},
    }
    good(client.create_application({"application": application}, APPLICATION), "could not make the application")
    user = good(client.search_users_by_query({"search": {"queryString": "*"}}), "no users")["users"][0]
    name = {"fullName": user["firstName"] + " " + user["lastName"]}
    good(client.patch_user(user["id"], {"user": name}), "the user was not changed")
    good(client.register({"registration": {"applicationId": APPLICATION}}, user["id"]), "the user was not registered")


main()
