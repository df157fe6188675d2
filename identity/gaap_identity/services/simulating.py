"""Whether a client simulates, for everything that gives it answers."""

from collections.abc import Collection

from gaap.conf import conf as kernel_conf
from gaap.rows import read_row
from gaap_identity.errors import TokenRefusedError
from gaap_identity.models import Client, Simulation
from gaap_identity.openid.simulated import DESCRIPTION


def simulation_of(client: Client) -> Simulation | None:
    """Return how ``client`` is answered, None when it is answered in earnest; a live service always is."""
    if client.service.is_live or kernel_conf.is_production:
        return None
    simulation = read_row(Simulation, client_id=client.pk, is_on=True)
    if simulation is not None:
        simulation.client = client
    return simulation


def faults_of(client: Client) -> Collection[str]:
    """Return what is to be wrong with the tokens of ``client``."""
    simulation = simulation_of(client)
    return simulation.faults if simulation else ()


def token_faults(client: Client) -> Collection[str]:
    """Return what ``faults_of`` returns; raises TokenRefusedError when an error of the token endpoint is simulated."""
    simulation = simulation_of(client)
    if simulation is not None and simulation.token_error:
        raise TokenRefusedError(simulation.token_error, DESCRIPTION)
    return simulation.faults if simulation else ()
