"""Holds citizens at the entrances until it is their turn; who is in is not asked again for a while."""

import logging
from collections.abc import Callable
from math import ceil

import redis
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from gaap.components import components
from gaap.conf import conf
from gaap.surge.queue import Pace, Queue
from gaap.surge.stores import glance
from gaap.surge.tickets import Ticket, give_ticket, read_ticket

logger = logging.getLogger(__name__)

SOONEST_SECONDS, LATEST_SECONDS = 2, 30
GetResponse = Callable[[HttpRequest], HttpResponse]


class SurgeMiddleware:
    """Lets so many citizens in a minute as ``GAAP_SURGE_PER_MINUTE`` says, and shows the others their place.

    Only the entrances that the components name are held (``ComponentConfig.entrances``), so nobody is thrown out of the
    middle of a journey. A store that does not answer lets everybody in: the gate of each process is behind this.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or show the queue."""
        if not conf.surge_per_minute or request.method not in ("GET", "HEAD") or not is_entrance(request):
            return self._get_response(request)
        ticket = read_ticket(request, pass_seconds=conf.surge_pass_seconds)
        if ticket and ticket.is_pass:
            return self._get_response(request)
        pace = Pace(conf.surge_per_minute)
        try:
            ticket, queue = _place(ticket, pace)
        except (redis.RedisError, DatabaseError) as error:
            logger.warning("Everybody is let in: the queue's store does not answer (%s)", type(error).__name__)
            return self._get_response(request)
        return self._let_in(request, ticket) if ticket.is_pass else _show(request, ticket, queue, pace)

    def _let_in(self, request: HttpRequest, ticket: Ticket) -> HttpResponse:
        response = self._get_response(request)
        give_ticket(response, ticket, is_secure=request.is_secure())
        return response


def is_entrance(request: HttpRequest) -> bool:
    """Tell whether the address is one at which citizens come in."""
    for component in components():
        if request.path in component.entrances:
            return not any(name in request.GET for name in component.entrances[request.path])
    return False


def _place(ticket: Ticket | None, pace: Pace) -> tuple[Ticket, Queue]:
    """Return the browser's new ticket, and the queue.

    A browser without a ticket gets a number at once when nobody waits. Otherwise it shows first that it keeps cookies:
    a program that does not would take number after number, and the people behind would wait for nobody.
    """
    queue = glance().look(pace)
    if ticket is None and not queue.is_empty:
        return Ticket(), queue
    if ticket is None or not ticket.number or ticket.epoch != queue.epoch:
        queue = glance().hand_out(pace)
        ticket = Ticket(queue.epoch, queue.issued)
    return (Ticket(is_pass=True) if queue.lets_in(ticket.number) else ticket), queue


def _show(request: HttpRequest, ticket: Ticket, queue: Queue, pace: Pace) -> HttpResponse:
    seconds = queue.seconds_until(ticket.number, pace=pace) if ticket.number else 0
    minutes = ceil(seconds / 60)
    context = {
        "is_placed": bool(ticket.number),
        "before": queue.before(ticket.number),
        "time": ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes},
    }
    response = render(request, "gaap/surge/waiting.html", context)
    response["Refresh"] = str(int(min(LATEST_SECONDS, max(SOONEST_SECONDS, ceil(seconds)))))
    response["Cache-Control"] = "no-store"
    give_ticket(response, ticket, is_secure=request.is_secure())
    return response
