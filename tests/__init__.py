"""Tests of the three packages; helpers that several of them share stand in `support`."""
