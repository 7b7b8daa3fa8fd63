"""Verifies an access token with auth0-api-python, unmodified. Arguments: domain, audience, token. Prints its claims, or the error."""

import asyncio
import json
import sys

from auth0_api_python import ApiClient, ApiClientOptions

domain, audience, token = sys.argv[1:]


async def main():
    client = ApiClient(ApiClientOptions(domain=domain, audience=audience))
    try:
        print(json.dumps(await client.verify_access_token(access_token=token)))
    except Exception as error:  # noqa: BLE001
        print(json.dumps({"refused": type(error).__name__, "why": str(error)}))


asyncio.run(main())
