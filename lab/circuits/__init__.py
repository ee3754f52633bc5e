"""The circuits of docs/wiring.md in ngspice: every byte must get through, both ways.

The parts and nets come from `wiring.circuits`, the polarity from the example configurations, the
bytes from tests/vectors.json. The couplers in the meter are worse than its real ones need to be.
"""
