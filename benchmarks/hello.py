"""The bare Litestar application that pages are measured against."""

from litestar import Litestar, get


@get("/")
async def hello() -> str:
    return "Hello"


app = Litestar([hello], openapi_config=None, logging_config=None)
