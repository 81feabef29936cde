"""The OCPI server that partners push to, and the handshake that lets them.

The receiver only lands: what a partner pushes is on disk before it is answered, and whoever holds
the warehouse loads it.
"""
