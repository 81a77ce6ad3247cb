"""Tests of the first chapter."""
