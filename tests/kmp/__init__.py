"""Tests of the KMP library in components/multical/kmp_*, on this computer and without ESPHome."""
