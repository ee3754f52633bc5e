"""A meter that knows nothing but the recorded frames of `vectors.json`."""

import json
from collections import deque
from pathlib import Path

from . import codec
from .codec import Direction
from .meter import Answer

VECTORS = Path(__file__).parent.parent / "vectors.json"
"""Frames captured from real meters, from the manufacturer's document and constructed ones."""


class Replay:
    """Answers each request of the vectors with its recorded reply, byte by byte.

    Where a request is recorded with several replies, they are sent in turn, in the file's order.
    Vectors with a wrong CRC or without a reply stay out. delay: seconds, may be set at any time.
    answers: every answer given so far.
    """

    def __init__(self, *, delay: float = 0.0, vectors: Path = VECTORS) -> None:
        """Load the vectors; OSError or KeyError when the file is missing or of another form."""
        self.delay = delay
        self.answers: list[Answer] = []
        self._replies: dict[bytes, deque[bytes]] = {}
        for vector in json.loads(vectors.read_text(encoding="utf-8")):
            request = bytes.fromhex(vector["request_hex"])
            reply = bytes.fromhex(vector["response_hex"])
            if vector["crc_ok"] and request and reply:
                self._replies.setdefault(request, deque()).append(reply)

    def answer(self, request: bytes) -> Answer:
        """Answer a whole request frame; silence unless it is recorded exactly like this."""
        if replies := self._replies.get(request):
            reply = replies[0]
            replies.rotate(-1)
            frame = codec.decode_frame(Direction.FROM_METER, reply)
            is_reading = frame.command == codec.GET_REGISTER
            readings = codec.decode_readings(frame.data) if is_reading else ()
            answer = Answer(request, reply, readings)
        else:
            answer = Answer(request, None, silence="not among the recorded requests")
        self.answers.append(answer)
        return answer
