"""Problems that arise outside of any view, in the shape that their address speaks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.api import problems
from accounts.api.problems import Problem
from generations.openai import errors

#: How the addresses of programs begin; everything else is for people.
PROGRAMS = ("/api/", "/v1/")


def respond(problem: Problem, request: HttpRequest) -> HttpResponse:
    openai = request.path.startswith("/v1/")
    return errors.respond(problem, request) if openai else problems.respond(problem, request)
