"""What ends an action that can't be done as it was asked; said to people once, by the actions."""

from typing import ClassVar

from ..domain.text import Value


class Refused(Exception):
    """An action is not done. `values` are the placeholders of its sentence.

    `callers_mistake`: what was asked for can't be; else it can, but not now.
    """

    callers_mistake: ClassVar[bool] = True

    def __init__(self, *, translation_key: str, **values: Value) -> None:
        """Take the sentence, and the values of its placeholders."""
        super().__init__(", ".join(str(value) for value in values.values()))
        self.key = translation_key
        self.values = values
