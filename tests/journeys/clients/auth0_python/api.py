"""An API guarded by auth0-fastapi-api, unmodified. Settings come by environment: DOMAIN AUDIENCE PORT."""

import os

import uvicorn
from fastapi import Depends, FastAPI
from fastapi_plugin import Auth0FastAPI

app = FastAPI()
auth0 = Auth0FastAPI(domain=os.environ["DOMAIN"], audience=os.environ["AUDIENCE"])


@app.get("/")
def home():
    return {"ok": True}


@app.get("/any")
def any_token(claims: dict = Depends(auth0.require_auth())):
    return claims


@app.get("/scope")
def scoped(claims: dict = Depends(auth0.require_auth(scopes=["read:admin-messages"]))):
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
