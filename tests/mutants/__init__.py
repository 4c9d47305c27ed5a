"""Mutation testing: code is broken on purpose, one small change at a time; a test has to turn red."""
