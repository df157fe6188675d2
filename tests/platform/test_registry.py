"""Finding providers."""

import sys

import pytest

from gaap.providers.registry import Registry, UnknownProviderError

FILE = """
from {package}.kinds import REGISTRY

@REGISTRY.register("{name}")
class Provider:
    pass
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "parcel_carriers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "kinds.py").write_text(
        "from gaap.providers.registry import Registry\n"
        'REGISTRY = Registry("carrier", package="parcel_carriers", entry_point_group="tests.none")\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("parcel_carriers")]:
        del sys.modules[name]


def test_every_file_of_the_folder_is_found(package):
    (package / "pigeon.py").write_text(FILE.format(package="parcel_carriers", name="pigeon"))
    (package / "balloon.py").write_text(FILE.format(package="parcel_carriers", name="balloon"))
    from parcel_carriers.kinds import REGISTRY  # type: ignore[import-not-found]

    assert REGISTRY.identifiers() == ("balloon", "pigeon")
    assert REGISTRY.get("pigeon").__name__ == "Provider"
    assert REGISTRY.choices() == [("balloon", "balloon"), ("pigeon", "pigeon")]


def test_unknown_one_is_named(package):
    from parcel_carriers.kinds import REGISTRY

    with pytest.raises(UnknownProviderError, match="snail"):
        REGISTRY.get("snail")


def test_two_of_one_name_are_refused():
    registry = Registry[object]("carrier", package="gaap.providers", entry_point_group="tests.none")
    registry.register("pigeon")(type("One", (), {}))
    with pytest.raises(ValueError, match="pigeon"):
        registry.register("pigeon")(type("Two", (), {}))
