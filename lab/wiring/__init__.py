"""The circuits between a meter and its reader: tables, drawings, and what docs/wiring.md quotes.

`circuits.py` is the one place for a value or a connection. The drawings take their labels from it,
the document its tables, and lab/circuits its netlists.
"""
