"""What a step does in a Seerr, exactly."""

from dataclasses import dataclass

from ..action import Action
from .base import BasePayload


@dataclass(frozen=True, slots=True)
class ForgetMedia(BasePayload):
    """Have Seerr forget a title; its requests go with it. `request_number` is the one asked for."""

    ACTION = Action.FORGET_MEDIA

    request_number: int


@dataclass(frozen=True, slots=True)
class DeleteRequest(BasePayload):
    """Delete a request in Seerr, where it is there. `request_id` is ours."""

    ACTION = Action.DELETE_REQUEST

    request_id: str
