"""Constraints on names, compiled to an automaton."""
