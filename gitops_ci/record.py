"""NamedTuple for what every start imports: the same classes, made in a fifth of the time.

``typing`` and the class factory of ``collections`` take 6 ms of a command that is to take 25 (see
``benchmarks/cold_start.py``): a module for annotations, and a compiler run for each class. Type checkers see
:class:`typing.NamedTuple`; at run time a class is a tuple with a getter for each field.
"""

from operator import itemgetter

TYPE_CHECKING = False  # what type checkers take for typing's: importing that is what is avoided here

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:

    class _Meta(type):
        def __new__(mcs, name, bases, namespace):
            if not bases:
                return super().__new__(mcs, name, (tuple,), {"__slots__": (), **namespace})
            made = super().__new__(mcs, name, bases, {"__slots__": (), **namespace})
            fields = made._fields = tuple(made.__annotations__)
            made._field_defaults = {field: namespace[field] for field in fields if field in namespace}
            made.__match_args__ = fields
            for index, field in enumerate(fields):
                setattr(made, field, property(itemgetter(index)))
            return made

    class NamedTuple(metaclass=_Meta):
        """A tuple with names, as :class:`typing.NamedTuple`: fields by annotation, defaults last."""

        def __new__(cls, *values, **named):
            fields = cls._fields
            if named or len(values) != len(fields):
                values = _filled(cls, values, named)
            return tuple.__new__(cls, values)

        def _replace(self, **named):
            """The same with other values for some fields."""
            made = tuple.__new__(type(self), map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"no such fields: {', '.join(named)}")
            return made

        def _asdict(self):
            """Field → value."""
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def __getnewargs__(self):
            return tuple(self)

    def _filled(cls, values, named):
        """All values in order: those given by position, then by name, then defaults."""
        fields, defaults = cls._fields, cls._field_defaults
        if len(values) > len(fields):
            raise TypeError(f"{cls.__name__} takes {len(fields)} values, not {len(values)}")
        whole = list(values)
        for field in fields[len(values) :]:
            if field in named:
                whole.append(named.pop(field))
            elif field in defaults:
                whole.append(defaults[field])
            else:
                raise TypeError(f"{cls.__name__} needs a value for {field}")
        if named:
            raise TypeError(f"{cls.__name__} cannot take {', '.join(named)}")
        return whole
