"""Our NamedTuple must do what typing's does, for all that this package asks of it."""

import pickle
import typing

import pytest

from gitops_ci.record import NamedTuple


class Ours(NamedTuple):
    """What it is."""

    name: str
    """Its name."""
    tag: str | None = None
    size: int = 0

    @property
    def text(self) -> str:
        return f"{self.name}:{self.tag}"


class Theirs(typing.NamedTuple):
    name: str
    tag: str | None = None
    size: int = 0


def test_it_is_built_compared_and_changed_like_typings():
    for make in (
        lambda kind: kind("a"),
        lambda kind: kind("a", "1"),
        lambda kind: kind("a", size=3),
        lambda kind: kind(name="a", tag="1", size=3),
        lambda kind: kind("a", "1")._replace(tag=None),
    ):
        ours, theirs = make(Ours), make(Theirs)
        assert ours == theirs and hash(ours) == hash(theirs)
        assert (ours.name, ours.tag, ours.size) == (theirs.name, theirs.tag, theirs.size)
        assert ours._asdict() == theirs._asdict()
        assert repr(ours).removeprefix("Ours") == repr(theirs).removeprefix("Theirs")
    assert Ours._fields == Theirs._fields
    assert Ours("a", "1").text == "a:1"


@pytest.mark.parametrize(
    "arguments", [((), {}), (("a", "b", 1, 2), {}), (("a",), {"nope": 1}), (("a",), {"name": "b"})]
)
def test_what_does_not_fit_is_refused(arguments):
    positional, named = arguments
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*positional, **named)
    with pytest.raises(ValueError, match="nope"):
        Ours("a")._replace(nope=1)


def test_it_travels_between_processes():
    assert pickle.loads(pickle.dumps(Ours("a", "1", 2))) == Ours("a", "1", 2)
    assert type(pickle.loads(pickle.dumps(Ours("a")))) is Ours


def test_it_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        Ours("a").name = "b"
    with pytest.raises(AttributeError):
        Ours("a").other = "b"


def test_it_matches_by_position():
    match Ours("a", "1"):
        case Ours(name, tag):
            assert (name, tag) == ("a", "1")
