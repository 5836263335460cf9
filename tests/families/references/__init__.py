"""Slow second opinions: each family again, one text at a time, on somebody else's network classes.

Nothing here imports the package under test. Everything runs in float32 on the CPU without padding.
"""
