"""Reads what a meter has kept of its own: years, months, days and hours.

readout: requests for the logs and what a reply says. paging: which rows to ask for next.
statistics: what Home Assistant makes of the rows. importing: the way there and back.
"""
