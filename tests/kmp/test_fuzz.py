"""Every kind of fault on the line, under sanitizers."""

from __future__ import annotations

from hypothesis import settings

from kmp.fuzzer import fuzz_faults

FRAMES = 500 * settings().max_examples


def test_faults() -> None:
    """Whatever the line does to the answers, they come late or never, but no value is wrong."""
    faults = fuzz_faults(FRAMES)
    total = faults.pop("all")
    assert total["frames"] >= FRAMES
    assert total["wrong"] == total["unchecked"] == 0

    # Every frame is spoiled in its own way, and often enough.
    share = FRAMES // len(faults)
    assert all(row["frames"] >= share for row in faults.values())
    for name, row in faults.items():
        requests = row["at once"] + row["repeated"] + row["failed"]
        assert row["frames"] / 2 < requests <= row["frames"], name
    # Faults that only add something to the right answer, or delay it, do no harm.
    for name in ("noise before", "late up to 3 s", "echo and reply"):
        row = faults[name]
        assert row["repeated"] == row["failed"] == 0, name
    # After these, nothing can be accepted; every second repetition is spoiled, too.
    for name in ("frame cut", "other register", "other address", "silent", "echo only", "bad CRC"):
        row = faults[name]
        assert row["at once"] == 0, name
        assert 2 < row["repeated"] / row["failed"] < 4, name

    # One damaged frame in 65536 has a right CRC; many more would mean a broken check. Those whose
    # CRC was made wrong on purpose cannot have one.
    damaged = total["bad CRC"] - faults["bad CRC"]["bad CRC"]
    assert damaged > FRAMES // 5
    assert total["CRC right"] <= 4 * damaged / 65536
    assert total["by chance"] <= damaged / 65536
    # Only where replies come twice or very late can one be mistaken for the next one's.
    assert all(
        not row["older"] for name, row in faults.items() if name not in {"two replies", "mixed"}
    )

    evidence = {
        "frame cut": {"nothing", "garbled"},
        "other register": {"garbled"},
        "other address": {"garbled"},
        "late up to 3 s": {"nothing"},
        "silent": {"nothing"},
        "echo and reply": set(),
        "echo only": {"echo"},
        "bad CRC": {"checksum"},
        "mixed": {"nothing", "echo", "garbled", "checksum"},
    }
    kinds = ("nothing", "echo", "garbled", "checksum")
    for name, seen in evidence.items():
        assert {kind for kind in kinds if faults[name][kind]} == seen, name
